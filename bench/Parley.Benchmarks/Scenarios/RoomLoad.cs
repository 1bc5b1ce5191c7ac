using Parley.Benchmarks.Peers;
using Parley.Client.Load;

namespace Parley.Benchmarks.Scenarios;

/// <summary>Pairs that send message after message: one request to say it, one to get it.</summary>
/// <param name="Pairs">How many at once, two connections each.</param>
/// <param name="WaitsFirst">Whether the receiver waits before it is said, where the peer can hold a request; timed is then from the send to the wait's answer.</param>
internal sealed record RoomLoad(int Pairs, bool WaitsFirst)
{
    /// <summary>Runs it, with connections of its own.</summary>
    public async Task<LoadResult> RunAsync(IRoomPeer peer, Func<MeasuredWindow> open, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var pairs = new List<RoomPair>();
        try
        {
            for (var i = 0; i < Pairs; i++)
            {
                pairs.Add(await RoomPair.ConnectAsync(peer, i, cancellationToken));
            }

            var window = open();
            return await window.RunAsync(peer, pairs.Select<RoomPair, Func<Task<Histogram>>>(pair => () => LoopAsync(pair, window, timeProvider, cancellationToken)), cancellationToken);
        }
        finally
        {
            foreach (var pair in pairs)
            {
                pair.Dispose();
            }
        }
    }

    private async Task<Histogram> LoopAsync(RoomPair pair, MeasuredWindow window, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var durations = new Histogram();
        while (!window.IsOver(window.Now))
        {
            var (started, finished) = WaitsFirst && pair.Requests.CanWaitFirst
                ? await pair.SayToWaitingAsync(timeProvider, cancellationToken)
                : await pair.SayThenWaitAsync(timeProvider, cancellationToken);
            window.Record(durations, started, finished);
        }

        return durations;
    }
}
