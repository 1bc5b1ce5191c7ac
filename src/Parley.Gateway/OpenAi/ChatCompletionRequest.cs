using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Gateway.OpenAi;

/// <summary>What <c>POST /chat/completions</c> takes, as far as Parley sends it.</summary>
/// <param name="Model">Model name.</param>
/// <param name="Messages">The conversation, oldest first.</param>
/// <param name="Stream">True: the answer as server-sent events.</param>
/// <param name="StreamOptions">Options of the stream.</param>
/// <param name="Tools">Functions that the model may call, as OpenAI writes them.</param>
/// <param name="ToolChoice"><c>none</c> when it may not call them now, or what a caller wants of its own tools.</param>
public sealed record ChatCompletionRequest(
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("messages")] IReadOnlyList<ChatMessage> Messages,
    [property: JsonPropertyName("stream")] bool Stream,
    [property: JsonPropertyName("stream_options")] StreamOptions? StreamOptions = null,
    [property: JsonPropertyName("tools")] IReadOnlyList<JsonElement>? Tools = null,
    [property: JsonPropertyName("tool_choice")] JsonElement? ToolChoice = null);

/// <summary>Options of a streamed answer.</summary>
/// <param name="IncludeUsage">True: a last chunk tells the usage.</param>
public sealed record StreamOptions([property: JsonPropertyName("include_usage")] bool IncludeUsage);

/// <summary>One message of a conversation.</summary>
/// <param name="Role">system, user, assistant or tool.</param>
/// <param name="Content">What is said.</param>
public sealed record ChatMessage([property: JsonPropertyName("role")] string? Role, [property: JsonPropertyName("content")] ChatContent? Content)
{
    /// <summary>Calls that the assistant asks for; in a chunk, pieces of them.</summary>
    [JsonPropertyName("tool_calls")]
    public IReadOnlyList<ChatToolCall>? ToolCalls { get; init; }

    /// <summary>Which call a message of role tool answers.</summary>
    [JsonPropertyName("tool_call_id")]
    public string? ToolCallId { get; init; }

    /// <summary>The role alone: content stays out of logs.</summary>
    public override string ToString() => $"ChatMessage({Role}, {Content?.Length ?? 0} characters)";
}

/// <summary>One call of a function, or a piece of it.</summary>
/// <param name="Index">Which call a piece belongs to; some servers leave it out.</param>
/// <param name="Id">The call's id.</param>
/// <param name="Type">function.</param>
/// <param name="Function">Name and arguments.</param>
public sealed record ChatToolCall(
    [property: JsonPropertyName("index")] int? Index,
    [property: JsonPropertyName("id")] string? Id,
    [property: JsonPropertyName("type")] string? Type,
    [property: JsonPropertyName("function")] ChatFunctionCall? Function);

/// <summary>What is called.</summary>
/// <param name="Name">The function.</param>
/// <param name="Arguments">JSON inside a string; some servers send the object itself.</param>
public sealed record ChatFunctionCall(
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("arguments")] JsonElement? Arguments);
