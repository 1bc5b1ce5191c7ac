namespace Parley.Client.PeerApi.Asking;

/// <summary>A question to a peer.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Hops">The hop budget.</param>
/// <param name="Patience">How long to wait for its answer in all.</param>
public sealed record PeerQuestion(string Text, int Hops, TimeSpan Patience)
{
    /// <summary>The conversation; null for the peer's usual one with us.</summary>
    public string? Session { get; init; }

    /// <summary>The size alone: content stays out of logs.</summary>
    public override string ToString() => $"PeerQuestion({Text.Length} characters)";
}
