using System.Text.Json.Serialization;

namespace Parley.Gateway.OpenAi;

/// <summary>A whole answer, or one chunk of a streamed one: they differ in <c>message</c> and <c>delta</c> only. Members that Parley does not use are skipped.</summary>
/// <param name="Model">The model that answered.</param>
/// <param name="Choices">The answers; empty in the chunk that tells the usage.</param>
/// <param name="Usage">What it cost, in whole answers and in the last chunk.</param>
/// <param name="Error">An error in the middle of a stream.</param>
public sealed record ChatCompletion(
    [property: JsonPropertyName("model")] string? Model,
    [property: JsonPropertyName("choices")] IReadOnlyList<ChatChoice>? Choices,
    [property: JsonPropertyName("usage")] ChatUsage? Usage,
    [property: JsonPropertyName("error")] OpenAiError? Error);

/// <summary>One answer, or a piece of it.</summary>
/// <param name="Delta">The next piece, in a chunk.</param>
/// <param name="Message">The whole, outside a stream.</param>
/// <param name="FinishReason">stop, length, content_filter, tool_calls; null while it goes on.</param>
public sealed record ChatChoice(
    [property: JsonPropertyName("delta")] ChatMessage? Delta,
    [property: JsonPropertyName("message")] ChatMessage? Message,
    [property: JsonPropertyName("finish_reason")] string? FinishReason);

/// <summary>What an answer cost in tokens.</summary>
/// <param name="PromptTokens">Of the conversation.</param>
/// <param name="CompletionTokens">Of the answer.</param>
/// <param name="TotalTokens">Both.</param>
public sealed record ChatUsage(
    [property: JsonPropertyName("prompt_tokens")] long? PromptTokens,
    [property: JsonPropertyName("completion_tokens")] long? CompletionTokens,
    [property: JsonPropertyName("total_tokens")] long? TotalTokens);

/// <summary>Body of an error response.</summary>
/// <param name="Error">The error.</param>
public sealed record OpenAiErrorBody([property: JsonPropertyName("error")] OpenAiError? Error);

/// <summary>An error as OpenAI's API gives it.</summary>
/// <param name="Message">For people.</param>
/// <param name="Type">Kind, for example invalid_request_error.</param>
public sealed record OpenAiError([property: JsonPropertyName("message")] string? Message, [property: JsonPropertyName("type")] string? Type);
