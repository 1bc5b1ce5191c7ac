using System.Buffers;
using System.Numerics;

namespace Parley.Benchmarks.Micro;

/// <summary>A prototype: the link's two hottest frames read and written without protobuf objects, byte for byte what the generated types give.</summary>
internal static class HandCodec
{
    private const uint SendField = 10;
    private const uint DeliveryField = 11;
    private const int Varint = 0;
    private const int Delimited = 2;

    /// <summary>Reads <c>Frame { send }</c>.</summary>
    /// <returns>False when the frame is another one, or malformed.</returns>
    public static bool TryReadSend(ReadOnlySpan<byte> frame, out HandEnvelope envelope)
    {
        envelope = default;
        var at = 0;
        return TryReadVarint(frame, ref at, out var tag) && tag == ((SendField << 3) | Delimited)
            && TryReadDelimited(frame, ref at, out var content) && at == frame.Length
            && TryReadEnvelope(content, ref envelope);
    }

    /// <summary>Appends <c>Frame { delivery { number, envelope, redelivered = false } }</c>.</summary>
    public static void WriteDelivery(IBufferWriter<byte> writer, ulong number, in HandEnvelope envelope)
    {
        var envelopeSize = SizeOf(in envelope);
        var deliverySize = SizeOf(number) + 1 + SizeOfVarint((ulong)envelopeSize) + envelopeSize;
        var span = writer.GetSpan(1 + SizeOfVarint((ulong)deliverySize) + deliverySize);
        var at = 0;
        WriteVarint(span, ref at, (DeliveryField << 3) | Delimited);
        WriteVarint(span, ref at, (ulong)deliverySize);
        WriteNumber(span, ref at, 1, number);
        WriteVarint(span, ref at, (2 << 3) | Delimited);
        WriteVarint(span, ref at, (ulong)envelopeSize);
        WriteEnvelope(span, ref at, in envelope);
        writer.Advance(at);
    }

    private static bool TryReadEnvelope(ReadOnlySpan<byte> content, ref HandEnvelope envelope)
    {
        var at = 0;
        while (at < content.Length)
        {
            if (!TryReadVarint(content, ref at, out var tag))
            {
                return false;
            }

            var isRead = (tag & 7) switch
            {
                Varint => TryReadVarint(content, ref at, out var number) && Take(ref envelope, tag >> 3, number),
                Delimited => TryReadDelimited(content, ref at, out var bytes) && Take(ref envelope, tag >> 3, bytes),
                _ => false,
            };
            if (!isRead)
            {
                return false;
            }
        }

        return true;
    }

    private static bool Take(ref HandEnvelope envelope, ulong field, ulong number)
    {
        switch (field)
        {
            case 4: envelope.Kind = number; break;
            case 7: envelope.Sequence = number; break;
            case 10: envelope.TtlMs = number; break;
            case 11: envelope.Type = number; break;
            case 12: envelope.OnlineOnly = number; break;
            case 13: envelope.WantsReply = number; break;
            case 16: envelope.BodySize = number; break;
            case 19: envelope.GapFrom = number; break;
            case 20: envelope.Resend = number; break;
            default: break;
        }

        return true;
    }

    private static bool Take(ref HandEnvelope envelope, ulong field, ReadOnlySpan<byte> bytes)
    {
        switch (field)
        {
            case 1: envelope.Id = bytes; break;
            case 3: envelope.To = bytes; break;
            case 5: envelope.Correlation = bytes; break;
            case 6: envelope.Thread = bytes; break;
            case 14: envelope.Cause = bytes; break;
            case 15: envelope.Body = bytes; break;
            default: break;
        }

        return true;
    }

    private static int SizeOf(in HandEnvelope envelope) =>
        SizeOf(envelope.Id) + SizeOf(envelope.From) + SizeOf(envelope.To) + SizeOf(envelope.Kind) + SizeOf(envelope.Correlation)
        + SizeOf(envelope.Thread) + SizeOf(envelope.Sequence) + SizeOf(envelope.TtlMs) + SizeOf(envelope.Type) + SizeOf(envelope.OnlineOnly)
        + SizeOf(envelope.WantsReply) + SizeOf(envelope.Cause) + SizeOf(envelope.Body)
        + SizeOfFar(envelope.BodySize) + SizeOfFar(envelope.AcceptedAtMs) + SizeOfFar(envelope.GapFrom) + SizeOfFar(envelope.Resend);

    private static void WriteEnvelope(Span<byte> span, ref int at, in HandEnvelope envelope)
    {
        WriteBytes(span, ref at, 1, envelope.Id);
        WriteBytes(span, ref at, 2, envelope.From);
        WriteBytes(span, ref at, 3, envelope.To);
        WriteNumber(span, ref at, 4, envelope.Kind);
        WriteBytes(span, ref at, 5, envelope.Correlation);
        WriteBytes(span, ref at, 6, envelope.Thread);
        WriteNumber(span, ref at, 7, envelope.Sequence);
        WriteNumber(span, ref at, 10, envelope.TtlMs);
        WriteNumber(span, ref at, 11, envelope.Type);
        WriteNumber(span, ref at, 12, envelope.OnlineOnly);
        WriteNumber(span, ref at, 13, envelope.WantsReply);
        WriteBytes(span, ref at, 14, envelope.Cause);
        WriteBytes(span, ref at, 15, envelope.Body);
        WriteNumber(span, ref at, 16, envelope.BodySize);
        WriteNumber(span, ref at, 17, envelope.AcceptedAtMs);
        WriteNumber(span, ref at, 19, envelope.GapFrom);
        WriteNumber(span, ref at, 20, envelope.Resend);
    }

    private static bool TryReadVarint(ReadOnlySpan<byte> bytes, ref int at, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64 && at < bytes.Length; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryReadDelimited(ReadOnlySpan<byte> bytes, scoped ref int at, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!TryReadVarint(bytes, ref at, out var length) || length > (ulong)(bytes.Length - at))
        {
            return false;
        }

        content = bytes.Slice(at, (int)length);
        at += (int)length;
        return true;
    }

    // Proto3 leaves out what has its default value. Fields up to 15 have a one-byte tag, those from 16 ("far") one of two bytes.
    private static int SizeOf(ReadOnlySpan<byte> content) => content.IsEmpty ? 0 : 1 + SizeOfVarint((ulong)content.Length) + content.Length;

    private static int SizeOf(ulong number) => number == 0 ? 0 : 1 + SizeOfVarint(number);

    private static int SizeOfFar(ulong number) => number == 0 ? 0 : 2 + SizeOfVarint(number);

    private static int SizeOfVarint(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;

    private static void WriteBytes(Span<byte> span, ref int at, uint field, ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty)
        {
            return;
        }

        WriteVarint(span, ref at, (field << 3) | Delimited);
        WriteVarint(span, ref at, (ulong)content.Length);
        content.CopyTo(span[at..]);
        at += content.Length;
    }

    private static void WriteNumber(Span<byte> span, ref int at, uint field, ulong number)
    {
        if (number != 0)
        {
            WriteVarint(span, ref at, field << 3);
            WriteVarint(span, ref at, number);
        }
    }

    private static void WriteVarint(Span<byte> span, ref int at, ulong value)
    {
        while (value >= 0x80)
        {
            span[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[at++] = (byte)value;
    }
}
