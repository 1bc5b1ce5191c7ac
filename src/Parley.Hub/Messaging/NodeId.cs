namespace Parley.Hub.Messaging;

/// <summary>Names one hub process, anew at each start.</summary>
/// <param name="Value">The text.</param>
internal sealed record NodeId(string Value);
