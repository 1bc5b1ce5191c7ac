using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Peers;

namespace Parley.Benchmarks.Scenarios;

/// <summary>Rooms over HTTP against a server that does nothing.</summary>
internal sealed class RoomsScenario : IScenario
{
    private const int IdleRooms = 10_000;
    private const int Pairs = 50;
    private const double Kilobyte = 1024;
    private const int ConnectionsAtOnce = 32;

    private static readonly TimeSpan _settle = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    public string Name => "rooms";

    /// <inheritdoc/>
    public string Reference => BareRoomPeer.PeerName;

    /// <inheritdoc/>
    public string Explanation =>
        "A message is one send (128 bytes) and one wait over HTTP/1.1, on two connections that are kept; the floor is two empty requests to a bare Kestrel in a process of its own, by the same client. "
        + "50 pairs: one request at a time each, first the send, then the wait. One pair: the wait is parked before the send; timed from the send to the wait's answer, against both empty requests. "
        + "Parked waits: resident bytes (Pss) that each adds, connection included. No rates, no TLS.";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        if (context.Options.ParleyProgram is not { } program)
        {
            context.Say("skipped: name the built program with --parley");
            return [];
        }

        return [.. await MeasureTalkAsync(context, program, cancellationToken), .. await MeasureHoldsAsync(context, program, cancellationToken)];
    }

    private static async Task<IReadOnlyList<Measurement>> MeasureTalkAsync(BenchContext context, string program, CancellationToken cancellationToken)
    {
        await using var bare = new BareRoomPeer(context.TimeProvider);
        await using var alone = new HubRoomPeer(program, 0, context.TimeProvider);
        await using var beside = new HubRoomPeer(program, IdleRooms, context.TimeProvider);
        IRoomPeer[] peers = [bare, alone, beside];
        foreach (var peer in peers)
        {
            await peer.StartAsync(cancellationToken);
        }

        var rates = await MeasureAsync(context, peers, new RoomLoad(Pairs, WaitsFirst: false), cancellationToken);
        var delays = await MeasureAsync(context, [bare, alone], new RoomLoad(1, WaitsFirst: true), cancellationToken);
        return
        [
            .. AlternatingTurns.Rows(peers, rates, "50 pairs, messages", "msg/s", AlternatingTurns.RateOf),
            .. AlternatingTurns.Rows(peers, rates, "50 pairs, server CPU per message", "us", AlternatingTurns.ServerMicroseconds),
            new Measurement("50 pairs, rate with 10,000 idle rooms by that without", beside.Name, "x", Summary.Of([.. rates[beside].Zip(rates[alone], (with, without) => AlternatingTurns.RateOf(with) / AlternatingTurns.RateOf(without))])),
            .. AlternatingTurns.Rows<IRoomPeer>([bare, alone], delays, "one pair, send to wait p50", "us", result => result.Microseconds(50)),
            .. AlternatingTurns.Rows<IRoomPeer>([bare, alone], delays, "one pair, send to wait p99", "us", result => result.Microseconds(99)),
        ];
    }

    // In fresh processes: what a load left free would be used again and hide what is counted.
    private static async Task<IReadOnlyList<Measurement>> MeasureHoldsAsync(BenchContext context, string program, CancellationToken cancellationToken)
    {
        await using var bare = new BareRoomPeer(context.TimeProvider);
        await using var hub = new HubRoomPeer(program, 0, context.TimeProvider);
        var rows = new List<Measurement>();
        foreach (var peer in new IRoomPeer[] { bare, hub })
        {
            await peer.StartAsync(cancellationToken);
            rows.Add(await MeasureHoldsAsync(context, peer, cancellationToken));
        }

        return rows;
    }

    private static Task<Dictionary<IRoomPeer, List<LoadResult>>> MeasureAsync(BenchContext context, IRoomPeer[] peers, RoomLoad load, CancellationToken cancellationToken) =>
        AlternatingTurns.RunAsync(context, peers, $"{load.Pairs}", "msg/s", (peer, open) => load.RunAsync(peer, open, context.TimeProvider, cancellationToken));

    private static async Task<Measurement> MeasureHoldsAsync(BenchContext context, IRoomPeer peer, CancellationToken cancellationToken)
    {
        var count = context.Options.Holds;
        await peer.PrepareHoldsAsync(count, cancellationToken);
        await Task.Delay(_settle, context.TimeProvider, cancellationToken);
        var before = ProcessUsage.ResidentBytes(peer.ProcessId);
        var connections = new HttpConnection[count];
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = ConnectionsAtOnce, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, count, parallel, async (i, token) =>
            {
                connections[i] = await HttpConnection.ConnectAsync(peer.Port, token);
                await connections[i].SendAsync(peer.Hold(i), token);
            });
            await Task.Delay(_settle, context.TimeProvider, cancellationToken);
            var each = (ProcessUsage.ResidentBytes(peer.ProcessId) - before) / (double)count / Kilobyte;
            context.Say(FormattableString.Invariant($"{count} held {peer.Name}: {each:0.0} KiB each"));
            return new Measurement(FormattableString.Invariant($"{count:#,0} parked waits, resident each"), peer.Name, "KiB", Summary.Of([each]));
        }
        finally
        {
            foreach (var connection in connections)
            {
                connection?.Dispose();
            }
        }
    }
}
