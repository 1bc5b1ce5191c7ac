using System.Buffers;
using System.Buffers.Text;

namespace Parley.Gateway.Sse;

/// <summary>Writes server-sent events as they go over the wire.</summary>
public static class SseWriter
{
    /// <summary>A comment that readers skip: keeps idle streams from being cut on the way.</summary>
    public static ReadOnlySpan<byte> Heartbeat => ": keep-alive\n\n"u8;

    /// <summary>Writes one event.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="data">One line of UTF-8, as compact JSON is.</param>
    /// <param name="id">The event's number, from which a reader may resume; null for none.</param>
    /// <param name="name">The event's name; empty for the usual one, <c>message</c>.</param>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> data, long? id = null, ReadOnlySpan<byte> name = default)
    {
        if (!name.IsEmpty)
        {
            output.Write("event: "u8);
            output.Write(name);
            output.Write("\n"u8);
        }

        if (id is { } number)
        {
            output.Write("id: "u8);
            var digits = output.GetSpan(20);
            Utf8Formatter.TryFormat(number, digits, out var length);
            output.Advance(length);
            output.Write("\n"u8);
        }

        output.Write("data: "u8);
        output.Write(data);
        output.Write("\n\n"u8);
    }
}
