using System.Globalization;
using Parley.Protocol.Formats;
using Spectre.Console;

namespace Parley.Output;

/// <summary>A bar on standard error for something long, with its rate and the time left; gone when it is done.</summary>
internal sealed class Meter(Terminal terminal, TimeProvider time)
{
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(200);

    /// <summary>What is shown at one moment.</summary>
    /// <param name="Bytes">How far it is.</param>
    /// <param name="Total">How far it will go; negative when nobody knows.</param>
    /// <param name="Text">What is under way, in words; what others wrote is made safe here.</param>
    public readonly record struct Reading(long Bytes, long Total, string Text);

    /// <summary>Shows a bar until the work is over; its outcome is its caller's.</summary>
    public async Task ShowAsync(Func<Reading> read, Task working)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(terminal.TextError),
            ColorSystem = terminal.Traits.WantsColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
        });
        // Some terminals do not say how wide they are.
        console.Profile.Width = terminal.Traits.Width() is var width and >= 40 ? width : 80;
        var bar = console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());
        await bar.StartAsync(async progress =>
        {
            var task = progress.AddTask("...", maxValue: 1);
            var (lastBytes, lastAt, rate) = (0L, time.GetTimestamp(), 0.0);
            while (!working.IsCompleted)
            {
                var reading = read();
                var now = time.GetTimestamp();
                var seconds = time.GetElapsedTime(lastAt, now).TotalSeconds;
                rate = seconds > 0 ? (0.7 * rate) + (0.3 * Math.Max(reading.Bytes - lastBytes, 0) / seconds) : rate;
                (lastBytes, lastAt) = (reading.Bytes, now);
                task.IsIndeterminate = reading.Total < 0;
                task.MaxValue = Math.Max(reading.Total, 1);
                task.Value = Math.Min(reading.Bytes, task.MaxValue);
                task.Description = Markup.Escape(SafeText.Clean(string.Create(CultureInfo.InvariantCulture, $"{reading.Text} {SizeText.Format((long)rate)}/s").ReplaceLineEndings(" ")));
                await Task.WhenAny(working, Task.Delay(_step, time, CancellationToken.None));
            }
        });
    }
}
