namespace Parley.Hub.Connections.Filters;

/// <summary>What one condition of a filter says of one event.</summary>
/// <param name="Path">Where it looked.</param>
/// <param name="Condition">What it wants.</param>
/// <param name="IsMet">Whether it holds.</param>
/// <param name="Found">What stands there, shortened; null when the path is not there.</param>
internal sealed record FilterFinding(string Path, string Condition, bool IsMet, string? Found);
