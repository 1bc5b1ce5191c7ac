using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Peers;
using Parley.Benchmarks.Scenarios;

namespace Parley.Benchmarks.Tls;

/// <summary>Pinned TLS over OpenSSL against .NET's own.</summary>
internal sealed class TlsScenario : IScenario
{
    private const int WarmUpTurns = 3;

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
        var length = context.Options.RunLength;
        var warmUp = TimeSpan.FromSeconds(Math.Min(0.5, length.TotalSeconds / 4));
        var results = peers.ToDictionary(peer => peer, _ => new List<LoadResult>());
        for (var run = 1 - WarmUpTurns; run <= context.Options.Runs; run++)
        {
            foreach (var peer in peers)
            {
                var result = await load.RunAsync(peer, warmUp, length, context.TimeProvider, cancellationToken);
                context.Say(FormattableString.Invariant($"{(run <= 0 ? "warm-up" : $"run {run}")} {name} {peer.Name}: {RateOf(result):#,0} 1/s, p50 {result.Microseconds(50):0} us"));
                if (run > 0)
                {
                    results[peer].Add(result);
                }
            }
        }

        return
        [
            .. Rows(name, "1/s", RateOf),
            .. Rows($"{name}, p50", "us", result => result.Microseconds(50)),
            .. Rows($"{name}, server CPU each", "us", result => result.ServerTime.TotalMicroseconds / Math.Max(1, result.Durations.Count)),
        ];

        IEnumerable<Measurement> Rows(string scenario, string unit, Func<LoadResult, double> value) =>
            peers.Select(peer => new Measurement(scenario, peer.Name, unit, Summary.Of([.. results[peer].Select(value)])));
    }

    private static double RateOf(LoadResult result) => result.Durations.Count / result.Length.TotalSeconds;
}
