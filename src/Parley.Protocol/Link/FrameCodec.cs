using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Protocol.Link;

/// <summary>Link frames on a byte stream, the same on gRPC and WebSocket: gRPC's length prefix, then the protobuf message.</summary>
/// <remarks>5 bytes, big endian: compressed flag (1, always 0) | length in bytes (4); then <see cref="Frame"/>. Source: docs/protocol/hub-link.md.</remarks>
public static class FrameCodec
{
    /// <summary>Bytes before each frame.</summary>
    public const int PrefixBytes = 5;

    // Fields that nobody here knows would be passed on without anybody having looked at their size.
    private static readonly MessageParser<Frame> _parser = Frame.Parser.WithDiscardUnknownFields(true);

    /// <summary>Takes the next whole frame off the front of the buffer.</summary>
    /// <returns>False when more bytes are needed; the buffer is unchanged then.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: flag set, longer than <see cref="MessagingLimits.MaxFrameBytes"/>, or not a frame.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out Frame frame)
    {
        if (!TryTake(ref buffer, out var content))
        {
            frame = null!;
            return false;
        }

        frame = content.IsSingleSegment ? Parse(content.FirstSpan) : Parse(content.ToArray());
        return true;
    }

    /// <summary>Takes the bytes of the next whole frame, without its prefix, off the front of the buffer.</summary>
    /// <returns>False when more bytes are needed; the buffer is unchanged then.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: flag set, or longer than <see cref="MessagingLimits.MaxFrameBytes"/>.</exception>
    internal static bool TryTake(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> content)
    {
        content = default;
        var available = buffer.Length;
        if (available < PrefixBytes)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[PrefixBytes];
        var first = buffer.FirstSpan;
        if (first.Length >= PrefixBytes)
        {
            first[..PrefixBytes].CopyTo(prefix);
        }
        else
        {
            buffer.Slice(0, PrefixBytes).CopyTo(prefix);
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (prefix[0] != 0 || length > MessagingLimits.MaxFrameBytes)
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, $"A frame is uncompressed and at most {MessagingLimits.MaxFrameBytes} bytes.");
        }

        if (available < PrefixBytes + length)
        {
            return false;
        }

        content = buffer.Slice(PrefixBytes, length);
        buffer = buffer.Slice(PrefixBytes + length);
        return true;
    }

    /// <summary>Reads a frame without its prefix.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: not a frame.</exception>
    internal static Frame Parse(ReadOnlySpan<byte> content)
    {
        try
        {
            return _parser.ParseFrom(content);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "The bytes are not a link frame.", exception);
        }
    }

    /// <summary>Appends a frame.</summary>
    public static void Write(IBufferWriter<byte> writer, Frame frame)
    {
        var size = frame.CalculateSize();
        var prefix = writer.GetSpan(PrefixBytes);
        prefix[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[1..], (uint)size);
        writer.Advance(PrefixBytes);
        frame.WriteTo(writer);
    }
}
