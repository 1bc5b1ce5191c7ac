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

    /// <summary>Field of a refusal of a conversation without a question.</summary>
    internal const string Prompt = "prompt";

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Status, type and code of a refusal.</summary>
    public static (int Status, string Type, string Code) Of(ParleyException refusal) => refusal.Code switch
    {
        ErrorCode.Unauthenticated => (401, "authentication_error", "invalid_api_key"),
        ErrorCode.MessageHops => (429, LoopDetected, HopExceeded),
        ErrorCode.RateLimited => (429, "rate_limit_error", "rate_limit"),
        ErrorCode.JsonInvalid => (400, "invalid_request_error", "invalid_body"),
        ErrorCode.InvalidArgument when refusal.Field == Prompt => (400, "invalid_request_error", "empty_prompt"),
        ErrorCode.InvalidArgument => (400, "invalid_request_error", "invalid_messages"),
        ErrorCode.MessageTooLarge => (413, "invalid_request_error", "body_too_large"),
        ErrorCode.ResponderMissing or ErrorCode.Draining => (503, "server_error", "adapter_unavailable"),
        ErrorCode.Unsupported => (400, "invalid_request_error", "unsupported"),
        _ => (OpenAiErrors.StatusOf(refusal), refusal.Row.OpenAi, refusal.Row.WireName),
    };

    /// <summary>Writes the envelope.</summary>
    public static void Write(IBufferWriter<byte> output, ParleyException refusal)
    {
        var (_, type, code) = Of(refusal);
        using var json = new Utf8JsonWriter(output, _json);
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", refusal.Message);
        json.WriteString("type", type);
        json.WriteString("code", code);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
