using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Mcp;

/// <summary>One message of the Model Context Protocol as it came: JSON-RPC 2.0.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">Its id as JSON; empty for a notification.</param>
/// <param name="Method">The method, for requests and notifications.</param>
/// <param name="Body">Params or result; undefined where there are none.</param>
/// <param name="Error">An error's message, for an answer that is one.</param>
public sealed record McpFrame(McpFrameKind Kind, string Id, string Method, JsonElement Body, string? Error)
{
    private const int MaxDepth = 64;
    private const int MaxErrorCharacters = 1000;

    /// <summary>Reads a message, or the messages of a batch. What is no object of JSON-RPC is skipped.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentAnswerInvalid"/> for text that is not JSON.</exception>
    public static IReadOnlyList<McpFrame> Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            var root = document.RootElement.Clone();
            var frames = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().Select(One) : [One(root)];
            return [.. frames.OfType<McpFrame>()];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The MCP server sent something that is not JSON.", exception);
        }
    }

    /// <summary>The kind and method alone: content stays out of logs.</summary>
    public override string ToString() => $"McpFrame({Kind}, {Method})";

    private static McpFrame? One(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var id = json.TryGetProperty("id", out var idValue) && idValue.ValueKind is JsonValueKind.Number or JsonValueKind.String ? idValue.GetRawText() : string.Empty;
        if (json.TryGetProperty("method", out var method) && method.ValueKind == JsonValueKind.String)
        {
            json.TryGetProperty("params", out var parameters);
            return new McpFrame(id.Length > 0 ? McpFrameKind.Request : McpFrameKind.Notification, id, method.GetString()!, parameters, null);
        }

        if (json.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
        {
            return new McpFrame(McpFrameKind.Answer, id, string.Empty, default, MessageOf(error));
        }

        return json.TryGetProperty("result", out var result) ? new McpFrame(McpFrameKind.Answer, id, string.Empty, result, null) : null;
    }

    private static string MessageOf(JsonElement error)
    {
        var message = error.TryGetProperty("message", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "no reason given";
        return message.Length > MaxErrorCharacters ? message[..MaxErrorCharacters] : message;
    }
}

/// <summary>What a message of the protocol is.</summary>
public enum McpFrameKind
{
    /// <summary>The other side asks something.</summary>
    Request,

    /// <summary>The other side tells something.</summary>
    Notification,

    /// <summary>A result or an error.</summary>
    Answer,
}
