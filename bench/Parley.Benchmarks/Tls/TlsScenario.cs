using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Peers;
using Parley.Benchmarks.Scenarios;

namespace Parley.Benchmarks.Tls;

/// <summary>Pinned TLS over OpenSSL against .NET's own.</summary>
internal sealed class TlsScenario : IScenario
{
    /// <inheritdoc/>
    public string Name => "tls";

    /// <inheritdoc/>
    public string Reference => SystemTlsPeer.PeerName;

    /// <inheritdoc/>
    public string Explanation =>
        "TLS 1.3 and HTTP/1.1 to a Kestrel that answers with nothing, in a process of its own; each peer's TLS on both ends, the certificate compared with its pin. "
        + "Handshakes: a new connection each, never resumed, one request and its answer, close. Kept: one request at a time on a connection that stays.";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var system = new SystemTlsPeer(context.TimeProvider);
        await using var pinned = new PinnedTlsPeer(context.TimeProvider);
        ITlsPeer[] peers = [system, pinned];
        foreach (var peer in peers)
        {
            await peer.StartAsync(cancellationToken);
        }

        return
        [
            .. await MeasureAsync(context, peers, "handshakes, 1 client", new TlsLoad(1, IsKept: false), cancellationToken),
            .. await MeasureAsync(context, peers, "handshakes, 4 clients", new TlsLoad(4, IsKept: false), cancellationToken),
            .. await MeasureAsync(context, peers, "kept, 1 client", new TlsLoad(1, IsKept: true), cancellationToken),
            .. await MeasureAsync(context, peers, "kept, 16 clients", new TlsLoad(16, IsKept: true), cancellationToken),
        ];
    }

    private static async Task<IReadOnlyList<Measurement>> MeasureAsync(BenchContext context, ITlsPeer[] peers, string name, TlsLoad load, CancellationToken cancellationToken)
    {
        var results = await AlternatingTurns.RunAsync(context, peers, name, "1/s", (peer, open) => load.RunAsync(peer, open(), cancellationToken));
        return
        [
            .. AlternatingTurns.Rows(peers, results, name, "1/s", AlternatingTurns.RateOf),
            .. AlternatingTurns.Rows(peers, results, $"{name}, p50", "us", result => result.Microseconds(50)),
            .. AlternatingTurns.Rows(peers, results, $"{name}, server CPU each", "us", AlternatingTurns.ServerMicroseconds),
        ];
    }
}
