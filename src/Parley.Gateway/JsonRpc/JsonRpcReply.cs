using System.Runtime.InteropServices;
using System.Text.Json;
using Parley.Gateway.A2a;
using Parley.Gateway.ProtoJson;
using Parley.Protocol.Errors;

namespace Parley.Gateway.JsonRpc;

/// <summary>What another server answered, as its client reads it.</summary>
/// <param name="Result">The text of the result; empty when there is an error.</param>
/// <param name="Error">The error as a refusal of ours.</param>
public sealed record JsonRpcReply(ReadOnlyMemory<byte> Result, ParleyException? Error)
{
    /// <summary>Reads an answer.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentAnswerInvalid"/> for anything that is none, <see cref="ErrorCode.MessageTooLarge"/> beyond the limit.</exception>
    public static JsonRpcReply Parse(ReadOnlyMemory<byte> json, JsonLimits limits)
    {
        if (json.Length > limits.MaxBytes)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, "The answer is larger than this side reads.");
        }

        try
        {
            return Members(json, limits);
        }
        catch (JsonException exception)
        {
            throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent's answer is not JSON.", exception);
        }
    }

    private static JsonRpcReply Members(ReadOnlyMemory<byte> json, JsonLimits limits)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = limits.MaxDepth });
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
        {
            return new JsonRpcReply(default, RemoteRefusal.OfJsonRpc(error));
        }

        return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("result", out var result)
            ? new JsonRpcReply(JsonMarshal.GetRawUtf8Value(result).ToArray(), null)
            : throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent's answer is not one of JSON-RPC.");
    }
}
