using System.Text;
using System.Text.Json;

namespace Parley.Gateway.Mcp;

/// <summary>One message of a client of the Model Context Protocol, as its server reads it, or why it is none.</summary>
/// <param name="Id">The id as JSON; empty for a notification, <c>null</c> where it cannot be read.</param>
/// <param name="Method">The method; empty for an answer and for what cannot be read.</param>
/// <param name="Params">The params; undefined where there are none.</param>
/// <param name="ErrorCode">JSON-RPC's code for a message that cannot be served; 0 for a good one.</param>
public sealed record McpIncoming(string Id, string Method, JsonElement Params, int ErrorCode)
{
    /// <summary>JSON-RPC: not JSON.</summary>
    public const int NotJson = -32700;

    /// <summary>JSON-RPC: JSON, and no message.</summary>
    public const int NotMessage = -32600;

    private const int MaxDepth = 64;
    private const int MaxIdBytes = 256;
    private const int MaxBatch = 64;
    private const string NoId = "null";

    /// <summary>Whether an answer is owed.</summary>
    public bool IsRequest => Id.Length > 0;

    /// <summary>The token under which the client wants to hear of progress, as JSON; empty for none.</summary>
    public string ProgressToken => Member(Params, "_meta") is { ValueKind: JsonValueKind.Object } meta ? IdOf(Member(meta, "progressToken")) ?? string.Empty : string.Empty;

    /// <summary>Reads a message, or the messages of a batch (which version 2025-03-26 has). Never throws: what cannot be read is an entry that says so. Answers are skipped, since the server asks nothing.</summary>
    /// <param name="json">The text, UTF-8; the transport limits its size.</param>
    public static IReadOnlyList<McpIncoming> Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            var root = document.RootElement.Clone();
            return root.ValueKind != JsonValueKind.Array ? [.. OneOrNone(root)]
                : root.GetArrayLength() is > 0 and <= MaxBatch ? [.. root.EnumerateArray().SelectMany(OneOrNone)]
                : [Bad(NoId, NotMessage)];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is for text inside the quotes that is no UTF-8.
            return [Bad(NoId, NotJson)];
        }
    }

    /// <summary>The method alone: content stays out of logs.</summary>
    public override string ToString() => $"McpIncoming({Method})";

    private static IEnumerable<McpIncoming> OneOrNone(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return [Bad(NoId, NotMessage)];
        }

        var id = json.TryGetProperty("id", out var given) ? IdOf(given) : string.Empty;
        var isAnswer = !json.TryGetProperty("method", out var method) && (json.TryGetProperty("result", out _) || json.TryGetProperty("error", out _));
        if (isAnswer)
        {
            return [];
        }

        var parameters = Member(json, "params");
        var isGood = id is not null && Member(json, "jsonrpc") is { ValueKind: JsonValueKind.String } version && version.ValueEquals("2.0"u8) &&
            method.ValueKind == JsonValueKind.String && parameters.ValueKind is JsonValueKind.Undefined or JsonValueKind.Object;
        return [isGood ? new McpIncoming(id!, method.GetString()!, parameters, 0) : Bad(string.IsNullOrEmpty(id) ? NoId : id, NotMessage)];
    }

    /// <summary>An id or token as canonical JSON; null when it is neither text nor a whole number.</summary>
    internal static string? IdOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Number when json.TryGetInt64(out var number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        JsonValueKind.String when json.GetString() is { } text && Encoding.UTF8.GetByteCount(text) <= MaxIdBytes => $"\"{JsonEncodedText.Encode(text)}\"",
        _ => null,
    };

    /// <summary>A member of an object; undefined where there is none.</summary>
    internal static JsonElement Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : default;

    private static McpIncoming Bad(string id, int code) => new(id, string.Empty, default, code);
}
