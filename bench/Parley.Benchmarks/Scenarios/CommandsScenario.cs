using System.Diagnostics;
using Parley.Benchmarks.Measuring;

namespace Parley.Benchmarks.Scenarios;

/// <summary>How long whole commands take, process start and end included.</summary>
internal sealed class CommandsScenario : IScenario
{
    private const int Runs = 20;
    private const int WarmUps = 2;

    /// <inheritdoc/>
    public string Name => "commands";

    /// <inheritdoc/>
    public string Explanation => $"Each --command as a process of its own, {Runs} times after {WarmUps} warm-ups, output thrown away.";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rows = new List<Measurement>();
        foreach (var command in context.Options.Commands)
        {
            var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var times = new List<double>();
            for (var run = 0; run < WarmUps + Runs; run++)
            {
                var milliseconds = await RunOnceAsync(words, context.TimeProvider, cancellationToken);
                if (run >= WarmUps)
                {
                    times.Add(milliseconds);
                }
            }

            rows.Add(new Measurement(string.Join(' ', words.Skip(1).Prepend(Path.GetFileName(words[0]))), "-", "ms", Summary.Of(times)));
        }

        return rows;
    }

    private static async Task<double> RunOnceAsync(string[] words, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var begun = timeProvider.GetTimestamp();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{words[0]} did not start.");
        process.StandardInput.Close();
        await Task.WhenAll(
            process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, cancellationToken),
            process.StandardError.BaseStream.CopyToAsync(Stream.Null, cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        var elapsed = timeProvider.GetElapsedTime(begun).TotalMilliseconds;
        return process.ExitCode == 0 ? elapsed : throw new InvalidOperationException($"{words[0]} ended with exit code {process.ExitCode}.");
    }
}
