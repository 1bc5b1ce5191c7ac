using System.Text.Json.Serialization;

namespace Parley.Gateway.OpenAi;

/// <summary>What <c>POST /chat/completions</c> takes, as far as Parley sends it.</summary>
/// <param name="Model">Model name.</param>
/// <param name="Messages">The conversation, oldest first.</param>
/// <param name="Stream">True: the answer as server-sent events.</param>
/// <param name="StreamOptions">Options of the stream.</param>
public sealed record ChatCompletionRequest(
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("messages")] IReadOnlyList<ChatMessage> Messages,
    [property: JsonPropertyName("stream")] bool Stream,
    [property: JsonPropertyName("stream_options")] StreamOptions? StreamOptions = null);

/// <summary>Options of a streamed answer.</summary>
/// <param name="IncludeUsage">True: a last chunk tells the usage.</param>
public sealed record StreamOptions([property: JsonPropertyName("include_usage")] bool IncludeUsage);

/// <summary>One message of a conversation.</summary>
/// <param name="Role">system, user or assistant.</param>
/// <param name="Content">The text.</param>
public sealed record ChatMessage([property: JsonPropertyName("role")] string? Role, [property: JsonPropertyName("content")] string? Content)
{
    /// <summary>The role alone: content stays out of logs.</summary>
    public override string ToString() => $"ChatMessage({Role}, {Content?.Length ?? 0} characters)";
}
