using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Parley.Gateway.Mcp;

/// <summary>Writes what a server of the Model Context Protocol sends. Compact, so that a line is a message.</summary>
public static class McpAnswers
{
    /// <summary>Where a result says how much is unread, below <c>_meta</c>.</summary>
    public const string UnreadMember = "parley/unread";

    private static readonly JsonWriterOptions _writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The server's side of the handshake.</summary>
    public static ReadOnlyMemory<byte> Initialized(string id, string version, McpServerCard card) => Result(id, json =>
    {
        json.WriteString("protocolVersion", version);
        json.WriteStartObject("capabilities");
        json.WriteStartObject("tools");
        json.WriteEndObject();
        if (card.HasChannel)
        {
            json.WriteStartObject("experimental");
            json.WriteStartObject("claude/channel");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartObject("serverInfo");
        json.WriteString("name", "parley");
        json.WriteString("title", "Parley");
        json.WriteString("version", card.Version);
        json.WriteEndObject();
        json.WriteString("instructions", card.Instructions);
    });

    /// <summary>A result without content.</summary>
    public static ReadOnlyMemory<byte> Empty(string id) => Result(id, _ => { });

    /// <summary>The tools, all on one page.</summary>
    public static ReadOnlyMemory<byte> Tools(string id, IEnumerable<AgentTool> tools) => Result(id, json =>
    {
        json.WriteStartArray("tools");
        foreach (var tool in tools)
        {
            json.WriteStartObject();
            json.WriteString("name", tool.Name);
            json.WriteString("title", tool.Title);
            json.WriteString("description", tool.Description);
            json.WritePropertyName("inputSchema");
            tool.Schema.WriteTo(json);
            json.WriteStartObject("annotations");
            json.WriteString("title", tool.Title);
            json.WriteBoolean("readOnlyHint", tool.IsReadOnly);
            json.WriteBoolean("destructiveHint", false);
            json.WriteBoolean("idempotentHint", tool.IsIdempotent);
            json.WriteBoolean("openWorldHint", tool.IsOpenWorld);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>What a tool returned: each block a text of its own, so that a stranger's words never share one with ours; the last says what is unread.</summary>
    public static ReadOnlyMemory<byte> Called(string id, AgentToolAnswer answer) => Result(id, json =>
    {
        json.WriteStartArray("content");
        foreach (var block in answer.Blocks.Append($"Unread messages: {answer.Unread}."))
        {
            json.WriteStartObject();
            json.WriteString("type", "text");
            json.WriteString("text", block);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("isError", answer.IsError);
        json.WriteStartObject("_meta");
        json.WriteNumber(UnreadMember, answer.Unread);
        json.WriteEndObject();
    });

    /// <summary>A step of a call that goes on.</summary>
    /// <param name="token">The client's token, as JSON.</param>
    /// <param name="step">Grows with each.</param>
    /// <param name="message">What happened.</param>
    public static ReadOnlyMemory<byte> Progress(string token, int step, string message) => Notification("notifications/progress", json =>
    {
        json.WritePropertyName("progressToken");
        json.WriteRawValue(token);
        json.WriteNumber("progress", step);
        json.WriteString("message", message);
    });

    /// <summary>Tells a live session of Claude Code that a message has come. Only its sender and id: the text is fetched, and marked, by a tool.</summary>
    /// <param name="from">Who wrote.</param>
    /// <param name="id">The message.</param>
    /// <param name="unread">How many wait.</param>
    public static ReadOnlyMemory<byte> Channel(string from, string id, int unread) => Notification("notifications/claude/channel", json =>
    {
        json.WriteString("content", $"A message of the agent {from} has come. Read it with wait_message (id {id}). Unread messages: {unread}.");
        json.WriteStartObject("meta");
        json.WriteString("from", from);
        json.WriteString("message_id", id);
        json.WriteEndObject();
    });

    /// <summary>An error of JSON-RPC.</summary>
    public static ReadOnlyMemory<byte> Error(string id, int code, string message) => Write(json =>
    {
        WriteId(json, id);
        json.WriteStartObject("error");
        json.WriteNumber("code", code);
        json.WriteString("message", message);
        json.WriteEndObject();
    });

    private static ReadOnlyMemory<byte> Result(string id, Action<Utf8JsonWriter> members) => Write(json =>
    {
        WriteId(json, id);
        json.WriteStartObject("result");
        members(json);
        json.WriteEndObject();
    });

    private static ReadOnlyMemory<byte> Notification(string method, Action<Utf8JsonWriter> members) => Write(json =>
    {
        json.WriteString("method", method);
        json.WriteStartObject("params");
        members(json);
        json.WriteEndObject();
    });

    private static void WriteId(Utf8JsonWriter json, string id)
    {
        json.WritePropertyName("id");
        json.WriteRawValue(id);
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, _writing))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc", "2.0");
            members(json);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
