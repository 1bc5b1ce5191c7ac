using Parley.Protocol.Formats;
using Spectre.Console;

namespace Parley.Output;

/// <summary>A bar on standard error while a large message goes out: on a terminal alone, and gone when it is done.</summary>
internal static class SendProgress
{
    /// <summary>Smaller messages are gone before a bar would be read.</summary>
    public const long FromBytes = 1 << 20;

    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether a bar is of any use.</summary>
    public static bool IsWanted(Terminal terminal, long bytes, bool isRefused) => terminal.Traits.IsErrorTerminal && !isRefused && bytes > FromBytes;

    /// <summary>Shows a bar until everything is on the wire or the send is over.</summary>
    /// <param name="terminal">Where.</param>
    /// <param name="bytes">How much goes out.</param>
    /// <param name="pending">How much of it is left.</param>
    /// <param name="sending">The send itself; its outcome is its caller's.</param>
    /// <param name="time">Clock.</param>
    public static async Task ShowAsync(Terminal terminal, long bytes, Func<long> pending, Task sending, TimeProvider time)
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
        var bar = console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());
        await bar.StartAsync(async progress =>
        {
            var task = progress.AddTask($"sending {SizeText.Format(bytes)}", maxValue: bytes);
            var hasBegun = false;
            while (!sending.IsCompleted)
            {
                var left = Math.Min(bytes, pending());
                hasBegun |= left > 0;
                task.Value = hasBegun ? bytes - left : 0;
                if (hasBegun && left == 0)
                {
                    return;
                }

                await Task.WhenAny(sending, Task.Delay(_step, time, CancellationToken.None));
            }
        });
    }
}
