using Parley.Client.Load;
using Parley.Benchmarks.Measuring;

namespace Parley.Benchmarks.Scenarios;

/// <summary>What one run of a request-reply load gave.</summary>
/// <param name="Durations">Request to reply, in nanoseconds.</param>
/// <param name="Length">The measured time.</param>
/// <param name="ServerTime">Processor time of the server in that time.</param>
/// <param name="ClientTime">Processor time of this process, which is all clients, in that time.</param>
internal sealed record LoadResult(Histogram Durations, TimeSpan Length, TimeSpan ServerTime, TimeSpan ClientTime)
{
    /// <summary>Delivered messages a second: each request and each reply is one.</summary>
    public double MessagesPerSecond => 2 * Durations.Count / Length.TotalSeconds;

    /// <summary>Server's processor time for one delivered message, in microseconds.</summary>
    public double ServerMicrosecondsPerMessage => ServerTime.TotalMicroseconds / Math.Max(1, 2 * Durations.Count);

    /// <summary>Clients' processor time for one delivered message, in microseconds.</summary>
    public double ClientMicrosecondsPerMessage => ClientTime.TotalMicroseconds / Math.Max(1, 2 * Durations.Count);

    /// <summary>A percentile of the round trip in microseconds.</summary>
    public double Microseconds(double percent) => Durations.Percentile(percent) / 1000.0;
}
