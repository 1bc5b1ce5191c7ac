using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Peers;
using Parley.Client.Load;

namespace Parley.Benchmarks.Scenarios;

/// <summary>Pairs that send message after message: one request to say it, one to get it.</summary>
/// <param name="Pairs">How many at once, two connections each.</param>
/// <param name="WaitsFirst">Whether the receiver waits before it is said, where the peer can hold a request; timed is then from the send to the wait's answer.</param>
internal sealed record RoomLoad(int Pairs, bool WaitsFirst)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    /// <summary>Connects, warms up, measures, disconnects.</summary>
    public async Task<LoadResult> RunAsync(IRoomPeer peer, TimeSpan warmUp, TimeSpan length, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var pairs = new List<RoomPair>();
        try
        {
            for (var i = 0; i < Pairs; i++)
            {
                pairs.Add(await RoomPair.ConnectAsync(peer, i, cancellationToken));
            }

            var begin = timeProvider.GetTimestamp() + Ticks(warmUp, timeProvider);
            var end = begin + Ticks(length, timeProvider);
            var loops = pairs.Select(pair => Task.Run(() => LoopAsync(pair, begin, end, timeProvider, cancellationToken), cancellationToken)).ToList();
            await Task.Delay(warmUp, timeProvider, cancellationToken);
            var before = ProcessUsage.ProcessorTime(peer.ProcessId);
            var ownBefore = ProcessUsage.ProcessorTime(Environment.ProcessId);
            await Task.Delay(length, timeProvider, cancellationToken);
            var used = ProcessUsage.ProcessorTime(peer.ProcessId) - before;
            var ownUsed = ProcessUsage.ProcessorTime(Environment.ProcessId) - ownBefore;
            var merged = new Histogram();
            foreach (var result in await Task.WhenAll(loops).WaitAsync(_patience, timeProvider, cancellationToken))
            {
                merged.Add(result);
            }

            return new LoadResult(merged, length, used, ownUsed);
        }
        finally
        {
            foreach (var pair in pairs)
            {
                pair.Dispose();
            }
        }
    }

    private static long Ticks(TimeSpan span, TimeProvider timeProvider) => (long)(span.TotalSeconds * timeProvider.TimestampFrequency);

    private async Task<Histogram> LoopAsync(RoomPair pair, long begin, long end, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var durations = new Histogram();
        while (timeProvider.GetTimestamp() < end)
        {
            var (started, finished) = WaitsFirst && pair.Requests.CanWaitFirst
                ? await pair.SayToWaitingAsync(timeProvider, cancellationToken)
                : await pair.SayThenWaitAsync(timeProvider, cancellationToken);
            if (started >= begin && finished < end)
            {
                durations.Record((long)timeProvider.GetElapsedTime(started, finished).TotalNanoseconds);
            }
        }

        return durations;
    }
}
