using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Protocol.Link;

/// <summary>Reads the frames of one link: sends, deliveries and receipts by hand, everything else, and whatever is not plain about those, with the generated parser.</summary>
/// <remarks>
/// What the hand-written part takes is what the generated parser would make of the same bytes: it takes only messages whose fields it knows, with texts in
/// ASCII, and leaves the rest, unknown fields and broken bytes among it, to the other. Used by one reader.
/// </remarks>
public sealed class FrameReader
{
    private const byte SendKey = (Frame.SendFieldNumber << 3) | 2;
    private const byte DeliveryKey = (Frame.DeliveryFieldNumber << 3) | 2;
    private const byte ReceiptsKey = (Frame.ReceiptsFieldNumber << 3) | 2;

    private readonly RecentTexts _texts = new();

    /// <summary>Takes the next whole frame off the front of the buffer.</summary>
    /// <returns>False when more bytes are needed; the buffer is unchanged then.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: flag set, longer than <see cref="MessagingLimits.MaxFrameBytes"/>, or not a frame.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> buffer, out LinkFrame frame)
    {
        if (!FrameCodec.TryTake(ref buffer, out var content))
        {
            frame = default;
            return false;
        }

        if (content.IsSingleSegment)
        {
            frame = Read(content.FirstSpan);
            return true;
        }

        var rented = ArrayPool<byte>.Shared.Rent((int)content.Length);
        content.CopyTo(rented);
        frame = Read(rented.AsSpan(0, (int)content.Length));
        ArrayPool<byte>.Shared.Return(rented);
        return true;
    }

    /// <summary>Reads one frame without its prefix.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: not a frame.</exception>
    internal LinkFrame Read(ReadOnlySpan<byte> content)
    {
        if (TryReadPlain(content, out var plain))
        {
            return plain;
        }

        var frame = FrameCodec.Parse(content);
        return frame.BodyCase switch
        {
            Frame.BodyOneofCase.Send => Envelope(frame.BodyCase, frame.Send),
            Frame.BodyOneofCase.Delivery => Envelope(frame.BodyCase, frame.Delivery.Envelope ?? new Envelope()) with
            {
                Number = frame.Delivery.Number,
                Note = new DeliveryNote(frame.Delivery.Redelivered, (long)Math.Min(frame.Delivery.AgeMs, long.MaxValue), frame.Delivery.RequestDeliveredMs),
            },
            Frame.BodyOneofCase.Receipts => new LinkFrame(frame.BodyCase, null, 0, default, frame.Receipts.Items, null),
            _ => new LinkFrame(frame.BodyCase, null, 0, default, [], frame),
        };
    }

    /// <summary>Reads a frame by hand; false when it is another kind, or not plain.</summary>
    internal bool TryReadPlain(ReadOnlySpan<byte> content, out LinkFrame frame)
    {
        frame = default;
        if (content.IsEmpty || content[0] is not (SendKey or DeliveryKey or ReceiptsKey))
        {
            return false;
        }

        var cursor = new WireCursor(content);
        var kind = (Frame.BodyOneofCase)cursor.Next();
        var body = cursor.Bytes();
        if (cursor.Next() != 0 || !cursor.IsPlain)
        {
            return false;
        }

        switch (kind)
        {
            case Frame.BodyOneofCase.Send:
                return TryReadEnvelope(body, out var sent) && Take(Envelope(kind, sent), out frame);
            case Frame.BodyOneofCase.Delivery:
                return TryReadDelivery(body, out frame);
            default:
                return TryReadReceipts(body, out var receipts) && Take(new LinkFrame(kind, null, 0, default, receipts, null), out frame);
        }
    }

    private static LinkFrame Envelope(Frame.BodyOneofCase kind, Envelope envelope) => new(kind, envelope, 0, default, [], null);

    private static bool Take(in LinkFrame made, out LinkFrame frame)
    {
        frame = made;
        return true;
    }

    private bool TryReadDelivery(ReadOnlySpan<byte> bytes, out LinkFrame frame)
    {
        var cursor = new WireCursor(bytes);
        Envelope? envelope = null;
        ulong number = 0;
        var (isRedelivered, ageMs, requestDeliveredMs) = (false, 0L, 0L);
        for (var field = cursor.Next(); field != 0; field = cursor.Next())
        {
            switch (field)
            {
                case Delivery.NumberFieldNumber:
                    number = cursor.Number();
                    break;
                case Delivery.EnvelopeFieldNumber when envelope is null:
                    if (!TryReadEnvelope(cursor.Bytes(), out envelope))
                    {
                        cursor.Reject();
                    }

                    break;
                case Delivery.RedeliveredFieldNumber:
                    isRedelivered = cursor.Number() != 0;
                    break;
                case Delivery.RequestDeliveredMsFieldNumber:
                    requestDeliveredMs = (long)cursor.Number();
                    break;
                case Delivery.AgeMsFieldNumber:
                    ageMs = (long)cursor.Number();
                    break;
                default:
                    cursor.Reject();
                    break;
            }
        }

        frame = new LinkFrame(Frame.BodyOneofCase.Delivery, envelope, number, new DeliveryNote(isRedelivered, ageMs, requestDeliveredMs), [], null);
        return cursor.IsPlain && envelope is not null;
    }

    private bool TryReadEnvelope(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Envelope? envelope)
    {
        envelope = null;
        var cursor = new WireCursor(bytes);
        var made = new Envelope();
        for (var field = cursor.Next(); field != 0; field = cursor.Next())
        {
            ReadField(made, field, ref cursor);
        }

        envelope = cursor.IsPlain ? made : null;
        return cursor.IsPlain;
    }

    private void ReadField(Envelope envelope, int field, ref WireCursor cursor)
    {
        switch (field)
        {
            case Wire.Envelope.IdFieldNumber:
                envelope.Id = New(cursor.Text());
                break;
            case Wire.Envelope.FromFieldNumber:
                envelope.From = _texts.Of(cursor.Text());
                break;
            case Wire.Envelope.ToFieldNumber:
                envelope.To = _texts.Of(cursor.Text());
                break;
            case Wire.Envelope.KindFieldNumber:
                envelope.Kind = (EnvelopeKind)cursor.Small();
                break;
            case Wire.Envelope.CorrelationFieldNumber:
                envelope.Correlation = New(cursor.Text());
                break;
            case Wire.Envelope.ThreadFieldNumber:
                envelope.Thread = _texts.Of(cursor.Text());
                break;
            case Wire.Envelope.SequenceFieldNumber:
                envelope.Sequence = cursor.Number();
                break;
            case Wire.Envelope.HopsFieldNumber:
                envelope.Hops = (uint)cursor.Small();
                break;
            case Wire.Envelope.AncestryFieldNumber:
                envelope.Ancestry.Add(_texts.Of(cursor.Text()));
                break;
            case Wire.Envelope.TtlMsFieldNumber:
                envelope.TtlMs = cursor.Number();
                break;
            case Wire.Envelope.TypeFieldNumber:
                envelope.Type = (MessageType)cursor.Small();
                break;
            case Wire.Envelope.OnlineOnlyFieldNumber:
                envelope.OnlineOnly = cursor.Number() != 0;
                break;
            case Wire.Envelope.WantsReplyFieldNumber:
                envelope.WantsReply = cursor.Number() != 0;
                break;
            case Wire.Envelope.CauseFieldNumber:
                envelope.Cause = New(cursor.Text());
                break;
            case Wire.Envelope.BodyFieldNumber:
                envelope.Body = ByteString.CopyFrom(cursor.Bytes());
                break;
            case Wire.Envelope.BodySizeFieldNumber:
                envelope.BodySize = (uint)cursor.Small();
                break;
            case Wire.Envelope.AcceptedAtMsFieldNumber:
                envelope.AcceptedAtMs = (long)cursor.Number();
                break;
            case Wire.Envelope.ResendFieldNumber:
                envelope.Resend = cursor.Number() != 0;
                break;
            default:
                cursor.Reject();
                break;
        }
    }

    private bool TryReadReceipts(ReadOnlySpan<byte> bytes, out IReadOnlyList<Receipt> receipts)
    {
        var items = new List<Receipt>();
        receipts = items;
        var cursor = new WireCursor(bytes);
        for (var field = cursor.Next(); field != 0; field = cursor.Next())
        {
            if (field != Wire.Receipts.ItemsFieldNumber || !TryReadReceipt(cursor.Bytes(), items))
            {
                cursor.Reject();
            }
        }

        return cursor.IsPlain;
    }

    private bool TryReadReceipt(ReadOnlySpan<byte> bytes, List<Receipt> receipts)
    {
        var receipt = new Receipt();
        var cursor = new WireCursor(bytes);
        for (var field = cursor.Next(); field != 0; field = cursor.Next())
        {
            switch (field)
            {
                case Receipt.IdFieldNumber:
                    receipt.Id = New(cursor.Text());
                    break;
                case Receipt.StateFieldNumber:
                    receipt.State = (ReceiptState)cursor.Small();
                    break;
                case Receipt.AtMsFieldNumber:
                    receipt.AtMs = (long)cursor.Number();
                    break;
                case Receipt.ToFieldNumber:
                    receipt.To = _texts.Of(cursor.Text());
                    break;
                default:
                    // One with a code or a message is rare.
                    cursor.Reject();
                    break;
            }
        }

        receipts.Add(receipt);
        return cursor.IsPlain;
    }

    private static string New(ReadOnlySpan<byte> ascii) => System.Text.Encoding.ASCII.GetString(ascii);
}
