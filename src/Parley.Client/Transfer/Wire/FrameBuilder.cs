using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Parley.Client.Transfer.Wire;

/// <summary>Writes a small frame field by field; the numbers are big endian.</summary>
internal sealed class FrameBuilder
{
    private readonly ArrayBufferWriter<byte> _buffer = new(64);

    /// <summary>Starts a frame.</summary>
    public FrameBuilder(FrameKind kind) => Frame.WriteHeader(Room(Frame.HeaderBytes), kind, 0);

    /// <summary>Bytes of the content so far.</summary>
    public int Length => _buffer.WrittenCount - Frame.HeaderBytes;

    /// <summary>The content so far.</summary>
    public ReadOnlySpan<byte> Content => _buffer.WrittenSpan[Frame.HeaderBytes..];

    /// <summary>One byte.</summary>
    public FrameBuilder Byte(byte value)
    {
        Room(1)[0] = value;
        return this;
    }

    /// <summary>Two bytes.</summary>
    public FrameBuilder UInt16(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(Room(2), checked((ushort)value));
        return this;
    }

    /// <summary>Four bytes.</summary>
    public FrameBuilder Int32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(Room(4), value);
        return this;
    }

    /// <summary>Eight bytes.</summary>
    public FrameBuilder Int64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(Room(8), value);
        return this;
    }

    /// <summary>Bytes as they are.</summary>
    public FrameBuilder Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        return this;
    }

    /// <summary>A text behind its length of two bytes.</summary>
    public FrameBuilder Text(string text)
    {
        var count = Encoding.UTF8.GetByteCount(text);
        UInt16(count);
        Encoding.UTF8.GetBytes(text, Room(count));
        return this;
    }

    /// <summary>The frame, its length filled in.</summary>
    public ReadOnlyMemory<byte> ToFrame()
    {
        var bytes = _buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), Length);
        return bytes;
    }

    private Span<byte> Room(int count)
    {
        var room = _buffer.GetSpan(count)[..count];
        _buffer.Advance(count);
        return room;
    }
}
