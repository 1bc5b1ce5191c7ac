namespace Parley.Benchmarks.Measuring;

/// <summary>One row of a result table: what one peer reached in all runs of one scenario.</summary>
/// <param name="Scenario">What was measured, with its unit's meaning: <c>rtt p50, TLS</c>.</param>
/// <param name="Peer">Who: <c>nats</c>, <c>redis</c>, <c>parley</c>.</param>
/// <param name="Unit"><c>us</c>, <c>msg/s</c>, <c>KB</c>.</param>
/// <param name="Value">Over the runs.</param>
internal sealed record Measurement(string Scenario, string Peer, string Unit, Summary Value);
