namespace Parley.Gateway.OpenAi;

/// <summary>Why an answer ended.</summary>
public enum ModelFinish
{
    /// <summary>It is complete.</summary>
    Stop,

    /// <summary>It was cut at a limit.</summary>
    Length,

    /// <summary>The agent would not answer, or not go on.</summary>
    Refused,

    /// <summary>It asks for calls of the caller's tools.</summary>
    ToolCalls,
}

/// <summary>What an answer cost, as far as the agent told; nothing is made up.</summary>
/// <param name="Input">Tokens of the conversation.</param>
/// <param name="Output">Tokens of the answer.</param>
/// <param name="Total">Both.</param>
public sealed record ModelUsage(long? Input, long? Output, long? Total);

/// <summary>A whole answer of an agent, as OpenAI's interfaces tell it.</summary>
/// <param name="Text">The text; everything that was streamed.</param>
/// <param name="Finish">Why it ended.</param>
public sealed record ModelAnswer(string Text, ModelFinish Finish)
{
    /// <summary>Calls of the caller's tools.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>Files that the agent gave back. OpenAI has no place for them: they stand in a member of our own, <c>files</c>.</summary>
    public IReadOnlyList<ModelFile> Files { get; init; } = [];

    /// <summary>The cost; null when the agent did not tell any.</summary>
    public ModelUsage? Usage { get; init; }

    /// <summary>The model behind the agent, when it told; stands in <c>system_fingerprint</c>.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The size alone: content stays out of logs.</summary>
    public override string ToString() => $"ModelAnswer({Text.Length} characters, {Finish})";
}
