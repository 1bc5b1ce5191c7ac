using Google.Protobuf;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Protocol.Link;

/// <summary>Puts what is said in rooms on a link: whole when it is small, else announced by its size and followed by chunks.</summary>
public static class RoomFrames
{
    /// <summary>Appends a client's call.</summary>
    public static void AppendCall(FrameOutbox outbox, RoomCall call)
    {
        var text = call.Text;
        if (text.Length > MessagingLimits.ChunkBytes)
        {
            call = new RoomCall(call) { Text = ByteString.Empty, TextSize = (uint)text.Length };
        }

        outbox.Append(new Frame { RoomCall = call });
        AppendChunks(outbox, call.Number, call.TextSize, text);
    }

    /// <summary>Appends what a wait gave.</summary>
    /// <param name="outbox">Where to.</param>
    /// <param name="item">The event without its text.</param>
    /// <param name="text">The text in UTF-8, which must not change any more.</param>
    public static void AppendEvent(FrameOutbox outbox, RoomEvent item, ReadOnlyMemory<byte> text)
    {
        var bytes = UnsafeByteOperations.UnsafeWrap(text);
        if (text.Length > MessagingLimits.ChunkBytes)
        {
            item.TextSize = (uint)text.Length;
        }
        else
        {
            item.Text = bytes;
        }

        outbox.Append(new Frame { RoomEvent = item });
        AppendChunks(outbox, item.Number, item.TextSize, bytes);
    }

    private static void AppendChunks(FrameOutbox outbox, ulong number, uint announced, ByteString text)
    {
        if (announced > 0)
        {
            outbox.AppendBulk(Chunks(number, text.Memory).GetEnumerator(), text.Length);
        }
    }

    private static IEnumerable<Frame> Chunks(ulong number, ReadOnlyMemory<byte> text)
    {
        for (var offset = 0; offset < text.Length; offset += MessagingLimits.ChunkBytes)
        {
            var data = text.Slice(offset, Math.Min(MessagingLimits.ChunkBytes, text.Length - offset));
            yield return new Frame { RoomChunk = new RoomChunk { Number = number, Offset = (uint)offset, Data = UnsafeByteOperations.UnsafeWrap(data) } };
        }
    }
}
