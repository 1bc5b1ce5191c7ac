using System.Buffers.Binary;

namespace Parley.WebRtc.Sctp.Wire;

/// <summary>Walks over the chunks of a packet, or over the parameters of a chunk: both are a length, a value, and padding to four bytes.</summary>
/// <remarks>
/// Chunk: type (1) | flags (1) | length with this header (2) | value. Parameter and error cause: type (2) | length with this header (2) | value. Big endian.
/// A length under four or beyond the end makes the rest unreadable: <see cref="IsMalformed"/>. The last padding may be absent.
/// </remarks>
internal ref struct ChunkReader(ReadOnlySpan<byte> rest)
{
    /// <summary>Bytes of a chunk's or a parameter's header.</summary>
    public const int HeaderBytes = 4;

    private ReadOnlySpan<byte> _rest = rest;

    /// <summary>The current chunk with its header, without padding.</summary>
    public ReadOnlySpan<byte> Whole { get; private set; }

    /// <summary>The walk ended before the bytes did.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Type of the current chunk.</summary>
    public readonly byte Type => Whole[0];

    /// <summary>Flags of the current chunk.</summary>
    public readonly byte Flags => Whole[1];

    /// <summary>Type of the current parameter or error cause.</summary>
    public readonly ushort ParameterType => BinaryPrimitives.ReadUInt16BigEndian(Whole);

    /// <summary>The current value.</summary>
    public readonly ReadOnlySpan<byte> Value => Whole[HeaderBytes..];

    /// <summary>Goes to the next one.</summary>
    public bool MoveNext()
    {
        if (_rest.Length < HeaderBytes)
        {
            IsMalformed = !_rest.IsEmpty;
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length < HeaderBytes || length > _rest.Length)
        {
            IsMalformed = true;
            return false;
        }

        Whole = _rest[..length];
        _rest = _rest[Math.Min(_rest.Length, Padded(length))..];
        return true;
    }

    /// <summary>A length rounded up to four.</summary>
    public static int Padded(int length) => (length + 3) & ~3;
}
