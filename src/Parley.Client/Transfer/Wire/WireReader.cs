using System.Buffers.Binary;
using System.Text;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Wire;

/// <summary>Reads fields of a frame in their order; all numbers are big endian. What is cut short, or is no text, breaks the protocol.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> content)
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _left = content;

    /// <summary>Whether everything was read.</summary>
    public readonly bool IsAtEnd => _left.IsEmpty;

    /// <summary>How many bytes are left.</summary>
    public readonly int Left => _left.Length;

    /// <summary>One byte.</summary>
    public byte Byte() => Take(1)[0];

    /// <summary>Two bytes.</summary>
    public int UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    /// <summary>Four bytes, at most 2^31 - 1.</summary>
    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(4)) is var value and >= 0 ? value : throw Broken();

    /// <summary>Eight bytes, at most 2^63 - 1.</summary>
    public long Size() => Int64() is var value and >= 0 ? value : throw Broken();

    /// <summary>Eight bytes with a sign.</summary>
    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    /// <summary>That many bytes.</summary>
    public ReadOnlySpan<byte> Bytes(int count) => Take(count);

    /// <summary>A text behind its length of two bytes.</summary>
    /// <param name="maxBytes">Longest one.</param>
    public string Text(int maxBytes)
    {
        var length = UInt16();
        if (length > maxBytes)
        {
            throw Broken();
        }

        try
        {
            return _strict.GetString(Take(length));
        }
        catch (DecoderFallbackException exception)
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "A text is not UTF-8.", exception);
        }
    }

    /// <summary>Nothing may be left.</summary>
    public readonly void End()
    {
        if (!_left.IsEmpty)
        {
            throw Broken();
        }
    }

    /// <summary>The refusal of a frame that breaks the protocol.</summary>
    public static ParleyException Broken() => new(ErrorCode.ProtocolViolation, "The other end sent a frame that breaks the protocol of transfers.");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _left.Length)
        {
            throw Broken();
        }

        var taken = _left[..count];
        _left = _left[count..];
        return taken;
    }
}
