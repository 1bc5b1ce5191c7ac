namespace Parley.Client.Rooms.Supervision;

/// <summary>A message that was said earlier.</summary>
/// <param name="IsOwn">Whether this side said it.</param>
/// <param name="Text">The text.</param>
public sealed record SpokenTurn(bool IsOwn, string Text)
{
    /// <summary>The size; content is not printed.</summary>
    public override string ToString() => $"SpokenTurn({Text.Length} chars)";
}
