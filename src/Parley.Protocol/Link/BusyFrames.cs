using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Parley.Protocol.Wire;

namespace Parley.Protocol.Link;

/// <summary>Writes the frames of which a busy link has most: the same bytes as the generated types give, without the objects around them, and with each size counted once.</summary>
internal static class BusyFrames
{
    private const int Varint = 0;
    private const int Delimited = 2;

    /// <summary>Appends <c>Frame { send }</c>.</summary>
    public static void WriteSend(IBufferWriter<byte> writer, Envelope envelope)
    {
        var size = envelope.CalculateSize();
        var at = 0;
        var span = Begin(writer, SizeOfMessage(Frame.SendFieldNumber, size), ref at);
        WriteMessage(span, ref at, Frame.SendFieldNumber, envelope, size);
        writer.Advance(at);
    }

    /// <summary>Appends <c>Frame { delivery }</c>.</summary>
    public static void WriteDelivery(IBufferWriter<byte> writer, ulong number, Envelope envelope, in DeliveryNote note)
    {
        var envelopeSize = envelope.CalculateSize();
        var size = SizeOfNumber(Delivery.NumberFieldNumber, number)
            + SizeOfMessage(Delivery.EnvelopeFieldNumber, envelopeSize)
            + SizeOfNumber(Delivery.RedeliveredFieldNumber, note.IsRedelivered ? 1UL : 0)
            + SizeOfNumber(Delivery.RequestDeliveredMsFieldNumber, (ulong)note.RequestDeliveredMs)
            + SizeOfNumber(Delivery.AgeMsFieldNumber, (ulong)note.AgeMs);
        var at = 0;
        var span = Begin(writer, SizeOfMessage(Frame.DeliveryFieldNumber, size), ref at);
        WriteLength(span, ref at, Frame.DeliveryFieldNumber, size);
        WriteNumber(span, ref at, Delivery.NumberFieldNumber, number);
        WriteMessage(span, ref at, Delivery.EnvelopeFieldNumber, envelope, envelopeSize);
        WriteNumber(span, ref at, Delivery.RedeliveredFieldNumber, note.IsRedelivered ? 1UL : 0);
        WriteNumber(span, ref at, Delivery.RequestDeliveredMsFieldNumber, (ulong)note.RequestDeliveredMs);
        WriteNumber(span, ref at, Delivery.AgeMsFieldNumber, (ulong)note.AgeMs);
        writer.Advance(at);
    }

    /// <summary>Appends <c>Frame { receipts }</c>.</summary>
    public static void WriteReceipts(IBufferWriter<byte> writer, ReadOnlySpan<ReceiptLine> receipts)
    {
        var size = 0;
        foreach (ref readonly var receipt in receipts)
        {
            size += SizeOfMessage(Receipts.ItemsFieldNumber, SizeOf(in receipt));
        }

        var at = 0;
        var span = Begin(writer, SizeOfMessage(Frame.ReceiptsFieldNumber, size), ref at);
        WriteLength(span, ref at, Frame.ReceiptsFieldNumber, size);
        foreach (ref readonly var receipt in receipts)
        {
            WriteLength(span, ref at, Receipts.ItemsFieldNumber, SizeOf(in receipt));
            WriteText(span, ref at, Receipt.IdFieldNumber, receipt.Id);
            WriteNumber(span, ref at, Receipt.StateFieldNumber, (ulong)receipt.State);
            WriteNumber(span, ref at, Receipt.AtMsFieldNumber, (ulong)receipt.AtMs);
            WriteText(span, ref at, Receipt.CodeFieldNumber, receipt.Code);
            WriteText(span, ref at, Receipt.MessageFieldNumber, receipt.Message);
            WriteText(span, ref at, Receipt.ToFieldNumber, receipt.To);
        }

        writer.Advance(at);
    }

    /// <summary>Appends <c>Frame { ack }</c>.</summary>
    public static void WriteAck(IBufferWriter<byte> writer, ReadOnlySpan<ulong> numbers)
    {
        var packed = 0;
        foreach (var number in numbers)
        {
            packed += CodedOutputStream.ComputeUInt64Size(number);
        }

        var size = SizeOfMessage(Ack.NumbersFieldNumber, packed);
        var at = 0;
        var span = Begin(writer, SizeOfMessage(Frame.AckFieldNumber, size), ref at);
        WriteLength(span, ref at, Frame.AckFieldNumber, size);
        WriteLength(span, ref at, Ack.NumbersFieldNumber, packed);
        foreach (var number in numbers)
        {
            WriteVarint(span, ref at, number);
        }

        writer.Advance(at);
    }

    private static Span<byte> Begin(IBufferWriter<byte> writer, int size, ref int at)
    {
        var span = writer.GetSpan(FrameCodec.PrefixBytes + size);
        span[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], (uint)size);
        at = FrameCodec.PrefixBytes;
        return span;
    }

    private static int SizeOf(in ReceiptLine receipt) =>
        SizeOfText(Receipt.IdFieldNumber, receipt.Id)
        + SizeOfNumber(Receipt.StateFieldNumber, (ulong)receipt.State)
        + SizeOfNumber(Receipt.AtMsFieldNumber, (ulong)receipt.AtMs)
        + SizeOfText(Receipt.CodeFieldNumber, receipt.Code)
        + SizeOfText(Receipt.MessageFieldNumber, receipt.Message)
        + SizeOfText(Receipt.ToFieldNumber, receipt.To);

    private static int SizeOfMessage(int field, int size) =>
        CodedOutputStream.ComputeTagSize(field) + CodedOutputStream.ComputeLengthSize(size) + size;

    private static int SizeOfNumber(int field, ulong value) =>
        value == 0 ? 0 : CodedOutputStream.ComputeTagSize(field) + CodedOutputStream.ComputeUInt64Size(value);

    private static int SizeOfText(int field, string text) => text.Length == 0 ? 0 : SizeOfMessage(field, Encoding.UTF8.GetByteCount(text));

    private static void WriteMessage(Span<byte> span, ref int at, int field, Envelope message, int size)
    {
        WriteLength(span, ref at, field, size);
        message.WriteTo(span.Slice(at, size));
        at += size;
    }

    private static void WriteText(Span<byte> span, ref int at, int field, string text)
    {
        if (text.Length > 0)
        {
            WriteLength(span, ref at, field, Encoding.UTF8.GetByteCount(text));
            at += Encoding.UTF8.GetBytes(text, span[at..]);
        }
    }

    private static void WriteNumber(Span<byte> span, ref int at, int field, ulong value)
    {
        if (value != 0)
        {
            WriteVarint(span, ref at, ((ulong)field << 3) | Varint);
            WriteVarint(span, ref at, value);
        }
    }

    private static void WriteLength(Span<byte> span, ref int at, int field, int length)
    {
        WriteVarint(span, ref at, ((ulong)field << 3) | Delimited);
        WriteVarint(span, ref at, (ulong)length);
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
