using Parley.Benchmarks.Measuring;

namespace Parley.Benchmarks.Scenarios;

/// <summary>How many messages go through when many pairs are busy.</summary>
internal sealed class ThroughputScenario(bool isSecured) : IScenario
{
    /// <inheritdoc/>
    public string Name => isSecured ? "throughput-tls" : "throughput";

    /// <inheritdoc/>
    public string Explanation => "50 pairs, each with 16 requests under way, 128 bytes each way, authentication on"
        + (isSecured ? ", TLS 1.3 with a P-256 certificate" : "")
        + ". Each request that reached its responder and came back answered counts as two messages: the request and the reply.";

    /// <inheritdoc/>
    public Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken) =>
        AlternatingRuns.MeasureAsync(
            context,
            new RequestReplyLoad(Pairs: 50, Window: 16, PayloadBytes: 128),
            isSecured,
            [
                ($"{Name} messages", "msg/s", result => result.MessagesPerSecond),
                ($"{Name} server CPU per message", "us", result => result.ServerMicrosecondsPerMessage),
                ($"{Name} client CPU per message", "us", result => result.ClientMicrosecondsPerMessage),
                ($"{Name} p99", "us", result => result.Microseconds(99)),
            ],
            cancellationToken);
}
