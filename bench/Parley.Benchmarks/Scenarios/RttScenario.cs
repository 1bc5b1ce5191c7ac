using Parley.Benchmarks.Measuring;

namespace Parley.Benchmarks.Scenarios;

/// <summary>How long one request and its reply take when nothing else goes on.</summary>
internal sealed class RttScenario(bool isSecured) : IScenario
{
    /// <inheritdoc/>
    public string Name => isSecured ? "rtt-tls" : "rtt";

    /// <inheritdoc/>
    public string Explanation => "Requester - server - responder - server - requester, 128 bytes each way, one pair, one request at a time, authentication on"
        + (isSecured ? ", TLS 1.3 with a P-256 certificate." : ".");

    /// <inheritdoc/>
    public Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken) =>
        AlternatingRuns.MeasureAsync(
            context,
            new RequestReplyLoad(Pairs: 1, Window: 1, PayloadBytes: 128),
            isSecured,
            [
                ($"{Name} p50", "us", result => result.Microseconds(50)),
                ($"{Name} p90", "us", result => result.Microseconds(90)),
                ($"{Name} p99", "us", result => result.Microseconds(99)),
            ],
            cancellationToken);
}
