using Google.Protobuf;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Protocol.Link;

/// <summary>Puts an envelope on a link: whole when it is small, else announced by its size and followed by chunks.</summary>
public static class EnvelopeFrames
{
    /// <summary>Appends a client's envelope.</summary>
    public static void AppendSend(FrameOutbox outbox, Envelope envelope) =>
        Append(outbox, envelope, string.Empty, (to, announced) => to.AppendSend(announced));

    /// <summary>Appends the hub's delivery of an envelope.</summary>
    public static void AppendDelivery(FrameOutbox outbox, ulong number, Envelope envelope, DeliveryNote note)
    {
        if (envelope.Body.Length <= MessagingLimits.ChunkBytes)
        {
            outbox.AppendDelivery(number, envelope, note);
            return;
        }

        Append(outbox, envelope, envelope.From, (to, announced) => to.AppendDelivery(number, announced, note));
    }

    private static void Append(FrameOutbox outbox, Envelope envelope, string from, Action<FrameOutbox, Envelope> append)
    {
        if (envelope.Body.Length <= MessagingLimits.ChunkBytes)
        {
            append(outbox, envelope);
            return;
        }

        var body = envelope.Body;
        var announced = envelope.Clone();
        announced.Body = ByteString.Empty;
        announced.BodySize = (uint)body.Length;
        append(outbox, announced);
        outbox.AppendBulk(Chunks(envelope.Id, from, body.Memory).GetEnumerator(), body.Length);
    }

    private static IEnumerable<Frame> Chunks(string id, string from, ReadOnlyMemory<byte> body)
    {
        for (var offset = 0; offset < body.Length; offset += MessagingLimits.ChunkBytes)
        {
            var data = body.Slice(offset, Math.Min(MessagingLimits.ChunkBytes, body.Length - offset));
            yield return new Frame
            {
                Chunk = new BodyChunk
                {
                    Id = id,
                    From = from,
                    Offset = (uint)offset,
                    Data = UnsafeByteOperations.UnsafeWrap(data),
                },
            };
        }
    }
}
