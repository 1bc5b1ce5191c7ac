using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.Hub.Rooms;

namespace Parley.Hub.Transports.Http.Rooms;

/// <summary>How rooms look over HTTP, byte for byte: compact JSON with raw UTF-8, and the frame of a message.</summary>
/// <remarks>
/// <code>
/// MESSAGE_RECEIVED                MESSAGE_RECEIVED
/// ┌─ Agent-1a2b [OVER]            [SYSTEM]: ...
/// │
/// │ first line
/// │ second line
/// └────
/// </code>
/// Each line ends with LF; the body is split at LF alone. Scripts search JSON with patterns, so there are no blanks in it, and nothing but what must be is escaped.
/// </remarks>
internal static class RoomWire
{
    private const string Received = "MESSAGE_RECEIVED\n";
    private const string Human = "HUMAN";

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly byte[] _lineStart = "│ "u8.ToArray();
    private static readonly byte[] _end = "└────\n"u8.ToArray();

    /// <summary>Writes a JSON object.</summary>
    public static Task WriteJsonAsync(HttpContext context, Action<Utf8JsonWriter> members, int status = StatusCodes.Status200OK)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(output, _json))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return WriteAsync(context, output.WrittenMemory, "application/json; charset=utf-8", status);
    }

    /// <summary>Writes text.</summary>
    public static Task WriteTextAsync(HttpContext context, ReadOnlyMemory<byte> text, int status = StatusCodes.Status200OK) =>
        WriteAsync(context, text, "text/plain; charset=utf-8", status);

    /// <summary>Writes bytes of any type.</summary>
    public static Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> content, string type, int status)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = type;
        response.ContentLength = content.Length;
        response.Headers.CacheControl = "no-store";
        return response.Body.WriteAsync(content, context.RequestAborted).AsTask();
    }

    /// <summary>An item as a reader sees it.</summary>
    public static ReadOnlyMemory<byte> Frame(RoomItem item)
    {
        var body = item.Body.Bytes.Span;
        var frame = new ArrayBufferWriter<byte>(body.Length + 128);
        Write(frame, Received);
        if (item.Kind != RoomItemKind.Message)
        {
            frame.Write(body);
            Write(frame, "\n");
            return frame.WrittenMemory;
        }

        Write(frame, $"┌─ {(item.IsHuman ? Human : item.From)}{(item.Turn == Turn.None ? string.Empty : " ")}{TurnMarker.TextOf(item.Turn)}\n│\n");
        foreach (var line in body.Split((byte)'\n'))
        {
            frame.Write(_lineStart);
            frame.Write(body[line]);
            frame.Write("\n"u8);
        }

        frame.Write(_end);
        return frame.WrittenMemory;
    }

    private static void Write(ArrayBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);
}
