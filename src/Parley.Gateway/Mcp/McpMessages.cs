using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Parley.Gateway.Mcp;

/// <summary>Writes what a client of the Model Context Protocol sends. Compact, so that a line is a message.</summary>
public static class McpMessages
{
    /// <summary>The version that a client asks for.</summary>
    public const string Version = "2025-06-18";

    /// <summary>JSON-RPC: no such method.</summary>
    public const int MethodUnknown = -32601;

    private static readonly HashSet<string> _versions = [Version, "2025-11-25", "2025-03-26", "2024-11-05"];
    private static readonly JsonWriterOptions _writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether a server's version can be spoken.</summary>
    public static bool IsKnownVersion(string version) => _versions.Contains(version);

    /// <summary>The first request. The client offers nothing but the calls of tools.</summary>
    public static ReadOnlyMemory<byte> Initialize(long id, string clientVersion) => Request(id, "initialize", json =>
    {
        json.WriteString("protocolVersion", Version);
        json.WriteStartObject("capabilities");
        json.WriteEndObject();
        json.WriteStartObject("clientInfo");
        json.WriteString("name", "parley");
        json.WriteString("version", clientVersion);
        json.WriteEndObject();
    });

    /// <summary>The handshake is done.</summary>
    public static ReadOnlyMemory<byte> Initialized() => Write(json => json.WriteString("method", "notifications/initialized"));

    /// <summary>Asks for a page of tools.</summary>
    public static ReadOnlyMemory<byte> ListTools(long id, string? cursor) => Request(id, "tools/list", json =>
    {
        if (cursor is not null)
        {
            json.WriteString("cursor", cursor);
        }
    });

    /// <summary>Calls a tool.</summary>
    public static ReadOnlyMemory<byte> CallTool(long id, string name, JsonElement arguments) => Request(id, "tools/call", json =>
    {
        json.WriteString("name", name);
        json.WritePropertyName("arguments");
        arguments.WriteTo(json);
    });

    /// <summary>Nobody waits for the answer to this request any more.</summary>
    public static ReadOnlyMemory<byte> Cancelled(long id) => Write(json =>
    {
        json.WriteString("method", "notifications/cancelled");
        json.WriteStartObject("params");
        json.WriteNumber("requestId", id);
        json.WriteString("reason", "timeout or cancelled");
        json.WriteEndObject();
    });

    /// <summary>An empty result for a request of the server.</summary>
    /// <param name="id">Its id, as JSON.</param>
    public static ReadOnlyMemory<byte> Nothing(string id) => Write(json =>
    {
        WriteId(json, id);
        json.WriteStartObject("result");
        json.WriteEndObject();
    });

    /// <summary>A refusal of a request of the server.</summary>
    /// <param name="id">Its id, as JSON.</param>
    public static ReadOnlyMemory<byte> Refuse(string id) => Write(json =>
    {
        WriteId(json, id);
        json.WriteStartObject("error");
        json.WriteNumber("code", MethodUnknown);
        json.WriteString("message", "This client does not offer that.");
        json.WriteEndObject();
    });

    private static void WriteId(Utf8JsonWriter json, string id)
    {
        json.WritePropertyName("id");
        json.WriteRawValue(id);
    }

    private static ReadOnlyMemory<byte> Request(long id, string method, Action<Utf8JsonWriter> writeParams) => Write(json =>
    {
        json.WriteNumber("id", id);
        json.WriteString("method", method);
        json.WriteStartObject("params");
        writeParams(json);
        json.WriteEndObject();
    });

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> writeMembers)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, _writing))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc", "2.0");
            writeMembers(json);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
