namespace Parley.Client.Peering.Paths;

/// <summary>A way that was proved to lead to the other end.</summary>
/// <param name="Stream">Its bytes.</param>
/// <param name="Text">For people: which way, for example <c>192.0.2.7:40112</c>.</param>
/// <param name="As">What kind it turned out to be, when it is not that of its opener.</param>
internal sealed record FoundPath(Stream Stream, string Text, PathKind? As = null);
