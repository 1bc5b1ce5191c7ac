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
    /// <summary>The type of everything that is no JSON and no file.</summary>
    public const string TextType = "text/plain; charset=utf-8";

    // Goes into any kernel's buffer at once.
    private const int TailBytes = 4096;
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
        WriteAsync(context, text, TextType, status);

    /// <summary>Writes something that counts as read once it was written.</summary>
    /// <returns>False when the reader went away before it can have had all of it.</returns>
    /// <remarks>
    /// A connection that broke swallows writes without a word. So the end of a large answer is held back until the rest went out, and the reader is looked for before it:
    /// until then it cannot have read everything, and after that an end of the connection is just a client that has what it wanted.
    /// </remarks>
    public static async Task<bool> DeliverAsync(HttpContext context, ReadOnlyMemory<byte> content, string type)
    {
        if (ReaderWatch.IsGone(context))
        {
            context.Abort();
            return false;
        }

        Begin(context, content.Length, type, StatusCodes.Status200OK);
        var rest = Math.Max(0, content.Length - TailBytes);
        if (rest > 0)
        {
            await context.Response.Body.WriteAsync(content[..rest], context.RequestAborted);
            if (ReaderWatch.IsGone(context))
            {
                context.Abort();
                return false;
            }
        }

        await context.Response.Body.WriteAsync(content[rest..], CancellationToken.None);
        return true;
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

    private static Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> content, string type, int status)
    {
        Begin(context, content.Length, type, status);
        return context.Response.Body.WriteAsync(content, context.RequestAborted).AsTask();
    }

    private static void Begin(HttpContext context, int length, string type, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = length;
        context.Response.Headers.CacheControl = "no-store";
    }

    private static void Write(ArrayBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);
}
