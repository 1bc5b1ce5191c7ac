namespace Parley.Gateway.OpenAi;

/// <summary>One message of a conversation, whichever of OpenAI's interfaces it came through.</summary>
/// <param name="Role">Who said it.</param>
/// <param name="Text">What was said; addresses of pictures and files that lie elsewhere stand in it on lines of their own.</param>
public sealed record ModelTurn(ModelRole Role, string Text)
{
    /// <summary>What came inside the message.</summary>
    public IReadOnlyList<ModelFile> Files { get; init; } = [];

    /// <summary>What lies elsewhere; its addresses stand in <see cref="Text"/> all the same.</summary>
    public IReadOnlyList<ModelLink> Links { get; init; } = [];

    /// <summary>Calls of the caller's tools that this turn of the agent made: a JSON array as chat completions write it; empty for none.</summary>
    public ReadOnlyMemory<byte> ToolCalls { get; init; }

    /// <summary>For a tool's turn: the id of the call that it answers.</summary>
    public string ToolCall { get; init; } = string.Empty;

    /// <summary>The size alone: content stays out of logs.</summary>
    public override string ToString() => $"ModelTurn({Role}, {Text.Length} characters)";
}
