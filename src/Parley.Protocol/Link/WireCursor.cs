using System.Text;

namespace Parley.Protocol.Link;

/// <summary>Walks over the fields of one protobuf message. It knows numbers and byte strings, and stops at whatever a plain message of ours does not have.</summary>
/// <remarks>
/// A field: key (varint: number * 8 + wire type) | value: a varint (wire type 0), or a length (varint) and so many bytes (wire type 2).
/// Once something is not as expected <see cref="IsPlain"/> is false for good, and what was read means nothing.
/// </remarks>
internal ref struct WireCursor(ReadOnlySpan<byte> message)
{
    private const int Varint = 0;
    private const int Delimited = 2;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _at;
    private int _wireType;

    /// <summary>Whether all that was read so far was as expected.</summary>
    public bool IsPlain { get; private set; } = true;

    /// <summary>Goes to the next field; 0 at the end, and where something is wrong.</summary>
    public int Next()
    {
        if (!IsPlain || _at >= _message.Length)
        {
            return 0;
        }

        var key = Raw();
        _wireType = (int)(key & 7);
        IsPlain &= key is >= 8 and <= int.MaxValue;
        return IsPlain ? (int)(key >> 3) : 0;
    }

    /// <summary>The value of this field as a number.</summary>
    public ulong Number()
    {
        IsPlain &= _wireType == Varint;
        return IsPlain ? Raw() : 0;
    }

    /// <summary>The value of this field as a number of at most 31 bits: what is larger means different things to different types.</summary>
    public int Small()
    {
        var number = Number();
        IsPlain &= number <= int.MaxValue;
        return (int)number;
    }

    /// <summary>The value of this field as bytes.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        IsPlain &= _wireType == Delimited;
        var length = IsPlain ? Raw() : 0;
        IsPlain &= length <= (ulong)(_message.Length - _at);
        if (!IsPlain)
        {
            return [];
        }

        var bytes = _message.Slice(_at, (int)length);
        _at += (int)length;
        return bytes;
    }

    /// <summary>The value of this field as the bytes of a text; others than ASCII are not plain.</summary>
    public ReadOnlySpan<byte> Text()
    {
        var bytes = Bytes();
        IsPlain &= Ascii.IsValid(bytes);
        return bytes;
    }

    /// <summary>The value is of no use here, which only the generated parser can say more about.</summary>
    public void Reject() => IsPlain = false;

    private ulong Raw()
    {
        ulong value = 0;
        for (var shift = 0; shift < 63 && _at < _message.Length; shift += 7)
        {
            var one = _message[_at++];
            value |= (ulong)(one & 0x7F) << shift;
            if (one < 0x80)
            {
                return value;
            }
        }

        // Cut off, or of ten bytes: a negative number, which nothing of ours has.
        IsPlain = false;
        return 0;
    }
}
