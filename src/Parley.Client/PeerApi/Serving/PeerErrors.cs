using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parley.Gateway.OpenAi;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi.Serving;

/// <summary>How refusals look on the agent API: OpenAI's envelope, with the types and codes that peers of other make know.</summary>
public static class PeerErrors
{
    /// <summary><c>type</c> of a spent hop budget: what tells it from a rate.</summary>
    public const string LoopDetected = "loop_detected";

    /// <summary><c>code</c> of a spent hop budget.</summary>
    public const string HopExceeded = "hop_exceeded";

    /// <summary><c>code</c> of a task that the asking peer does not have.</summary>
    public const string TaskNotFound = "task_not_found";

    /// <summary><c>code</c>, and field, of a request whose signature is not believed.</summary>
    internal const string SignatureInvalid = "sig_invalid";

    /// <summary><c>code</c>, and field, of a text without the tag that its sender owes.</summary>
    internal const string TagMissing = "signature_missing";

    /// <summary><c>code</c>, and field, of a text with a wrong tag.</summary>
    internal const string TagInvalid = "signature_invalid";

    /// <summary>Field of a refusal that is about a task.</summary>
    internal const string Task = "task";

    /// <summary>Field of a refusal of a conversation without a question.</summary>
    internal const string Prompt = "prompt";

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Status, type and code of a refusal.</summary>
    public static (int Status, string Type, string Code) Of(ParleyException refusal) => refusal.Code switch
    {
        ErrorCode.Unauthenticated when refusal.Field == SignatureInvalid => (401, "authentication_error", SignatureInvalid),
        ErrorCode.PermissionDenied when refusal.Field is TagMissing or TagInvalid => (403, "authentication_error", refusal.Field),
        ErrorCode.Unauthenticated => (401, "authentication_error", "invalid_api_key"),
        ErrorCode.MessageHops => (429, LoopDetected, HopExceeded),
        ErrorCode.RateLimited => (429, "rate_limit_error", "rate_limit"),
        ErrorCode.JsonInvalid => (400, "invalid_request_error", "invalid_body"),
        ErrorCode.InvalidArgument when refusal.Field == Prompt => (400, "invalid_request_error", "empty_prompt"),
        ErrorCode.InvalidArgument => (400, "invalid_request_error", "invalid_messages"),
        ErrorCode.NotFound when refusal.Field == Task => (404, "invalid_request_error", TaskNotFound),
        ErrorCode.MessageTooLarge => (413, "invalid_request_error", "body_too_large"),
        ErrorCode.ResponderMissing or ErrorCode.Draining => (503, "server_error", "adapter_unavailable"),
        ErrorCode.Unsupported => (400, "invalid_request_error", "unsupported"),
        _ => (OpenAiErrors.StatusOf(refusal), refusal.Row.OpenAi, refusal.Row.WireName),
    };

    /// <summary>Writes the envelope.</summary>
    public static void Write(IBufferWriter<byte> output, ParleyException refusal)
    {
        using var json = new Utf8JsonWriter(output, _json);
        json.WriteStartObject();
        WriteMember(json, refusal);
        json.WriteEndObject();
    }

    /// <summary>Writes the member <c>error</c>.</summary>
    internal static void WriteMember(Utf8JsonWriter json, ParleyException refusal)
    {
        var (_, type, code) = Of(refusal);
        json.WriteStartObject("error");
        json.WriteString("message", refusal.Message);
        json.WriteString("type", type);
        json.WriteString("code", code);
        json.WriteEndObject();
    }
}
