using Parley.Protocol.Errors;

namespace Parley.Client.Peering.Probes;

/// <summary>What one kind of path came to.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Text">For people: the way that was found, or what was tried.</param>
/// <param name="Failure">Why there is none; null when there is.</param>
/// <param name="Opened">How long it took to open.</param>
/// <param name="RoundTrip">The best of some round trips.</param>
public sealed record ProbeResult(PathKind Kind, string Text, ErrorCode? Failure, TimeSpan? Opened, TimeSpan? RoundTrip);
