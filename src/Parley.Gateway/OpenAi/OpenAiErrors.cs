using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Gateway.OpenAi;

/// <summary>How refusals look in OpenAI's API: <c>{"error":{"message","type","param","code"}}</c>, all four always there.</summary>
public static class OpenAiErrors
{
    /// <summary>The member that names the response to follow; its refusal has a code of its own.</summary>
    public const string PreviousResponse = "previous_response_id";

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The HTTP status of a refusal. OpenAI's clients repeat what has 408, 409, 429 and from 500 on, so a request that is wrong must not have these.</summary>
    public static int StatusOf(ParleyException refusal) => refusal.Code switch
    {
        ErrorCode.NotFound when refusal.Field == PreviousResponse => 400,
        ErrorCode.AgentAmbiguous or ErrorCode.Unsupported => 400,
        ErrorCode.ResponderMissing => 502,
        _ => refusal.Row.Http,
    };

    /// <summary>The <c>code</c>: OpenAI's own where it has one, else the wire name of our catalogue.</summary>
    public static string CodeOf(ParleyException refusal) => refusal.Code switch
    {
        ErrorCode.Unauthenticated => "invalid_api_key",
        ErrorCode.AgentUnknown => "model_not_found",
        ErrorCode.RateLimited => "rate_limit_exceeded",
        ErrorCode.OperationNotSupported => "unsupported_parameter",
        ErrorCode.NotFound when refusal.Field == PreviousResponse => "previous_response_not_found",
        _ => refusal.Row.WireName,
    };

    /// <summary>Writes the object with the one member <c>error</c>.</summary>
    public static void Write(IBufferWriter<byte> output, ParleyException refusal)
    {
        using var json = new Utf8JsonWriter(output, _json);
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", refusal.Message);
        json.WriteString("type", refusal.Row.OpenAi);
        json.WriteString("param", refusal.Field);
        json.WriteString("code", CodeOf(refusal));
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
