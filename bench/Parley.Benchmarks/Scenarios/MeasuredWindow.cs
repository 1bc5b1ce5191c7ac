using Parley.Benchmarks.Measuring;
using Parley.Client.Load;

namespace Parley.Benchmarks.Scenarios;

/// <summary>A warm-up and the time after it that counts, for loops that run at once.</summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="warmUp">What is not counted.</param>
/// <param name="length">What is.</param>
internal sealed class MeasuredWindow(TimeProvider timeProvider, TimeSpan warmUp, TimeSpan length)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    private readonly long _begin = timeProvider.GetTimestamp() + (long)(warmUp.TotalSeconds * timeProvider.TimestampFrequency);
    private readonly long _end = timeProvider.GetTimestamp() + (long)((warmUp + length).TotalSeconds * timeProvider.TimestampFrequency);

    /// <summary>Now.</summary>
    public long Now => timeProvider.GetTimestamp();

    /// <summary>Whether it is over at a moment.</summary>
    public bool IsOver(long now) => now >= _end;

    /// <summary>Counts what began and ended inside of it.</summary>
    public void Record(Histogram durations, long started, long finished)
    {
        if (started >= _begin && finished <= _end)
        {
            durations.Record((long)timeProvider.GetElapsedTime(started, finished).TotalNanoseconds);
        }
    }

    /// <summary>Runs loops until it is over, and counts processor time beside them.</summary>
    /// <param name="server">Whose time.</param>
    /// <param name="loops">Start them; each returns what it recorded.</param>
    /// <param name="cancellationToken">Ends all.</param>
    public async Task<LoadResult> RunAsync(IMeasuredServer server, IEnumerable<Func<Task<Histogram>>> loops, CancellationToken cancellationToken)
    {
        var running = loops.Select(loop => Task.Run(loop, cancellationToken)).ToList();
        await Task.Delay(warmUp, timeProvider, cancellationToken);
        var before = (Server: ProcessUsage.ProcessorTime(server.ProcessId), Own: ProcessUsage.ProcessorTime(Environment.ProcessId));
        await Task.Delay(length, timeProvider, cancellationToken);
        var used = (Server: ProcessUsage.ProcessorTime(server.ProcessId) - before.Server, Own: ProcessUsage.ProcessorTime(Environment.ProcessId) - before.Own);
        var merged = new Histogram();
        foreach (var result in await Task.WhenAll(running).WaitAsync(_patience, timeProvider, cancellationToken))
        {
            merged.Add(result);
        }

        return new LoadResult(merged, length, used.Server, used.Own);
    }
}
