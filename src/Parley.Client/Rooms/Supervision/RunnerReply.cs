namespace Parley.Client.Rooms.Supervision;

/// <summary>What a runner answered.</summary>
/// <param name="Text">The answer, trimmed; empty when there is none.</param>
/// <param name="Session">The program's own conversation, to be taken up with the next message.</param>
public sealed record RunnerReply(string Text, string Session)
{
    /// <summary>The size; content is not printed.</summary>
    public override string ToString() => $"RunnerReply({Text.Length} chars)";
}
