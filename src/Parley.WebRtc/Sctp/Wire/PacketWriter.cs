using System.Buffers.Binary;

namespace Parley.WebRtc.Sctp.Wire;

/// <summary>Writes one packet into the caller's bytes, chunk by chunk.</summary>
/// <remarks>
/// Common header, 12 bytes, big endian: source port (2) | destination port (2) | verification tag (4) | CRC-32C (4, the one field in little endian,
/// RFC 9260, section 3.1).
/// </remarks>
internal ref struct PacketWriter
{
    /// <summary>Bytes before the first chunk.</summary>
    public const int HeaderBytes = 12;

    private readonly Span<byte> _packet;
    private readonly int _limit;

    /// <summary>Begins a packet.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="limit">Bytes that the packet should have at most; single chunks may go beyond it.</param>
    /// <param name="sourcePort">Our port.</param>
    /// <param name="destinationPort">The peer's port.</param>
    /// <param name="tag">The tag that the peer chose.</param>
    public PacketWriter(Span<byte> destination, int limit, ushort sourcePort, ushort destinationPort, uint tag)
    {
        _packet = destination;
        _limit = Math.Min(limit, destination.Length) & ~3;
        BinaryPrimitives.WriteUInt16BigEndian(destination, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], destinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], tag);
        Length = HeaderBytes;
    }

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>No chunk was written.</summary>
    public readonly bool IsEmpty => Length == HeaderBytes;

    /// <summary>Bytes that still fit within the limit, chunk header included.</summary>
    public readonly int Room => Math.Max(0, _limit - Length);

    /// <summary>Bytes that the caller's memory would still take.</summary>
    public readonly int Capacity => _packet.Length - Length;

    /// <summary>Adds a chunk and gives its value, to be filled by the caller; the padding is zero.</summary>
    public Span<byte> Add(byte type, byte flags, int valueLength)
    {
        var length = ChunkReader.HeaderBytes + valueLength;
        var chunk = _packet.Slice(Length, ChunkReader.Padded(length));
        chunk[0] = type;
        chunk[1] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(chunk[2..], (ushort)length);
        chunk[length..].Clear();
        Length += chunk.Length;
        return chunk[ChunkReader.HeaderBytes..length];
    }

    /// <summary>Adds a chunk that was made before.</summary>
    public void Add(ReadOnlySpan<byte> chunk)
    {
        var destination = _packet.Slice(Length, ChunkReader.Padded(chunk.Length));
        chunk.CopyTo(destination);
        destination[chunk.Length..].Clear();
        Length += destination.Length;
    }

    /// <summary>Writes the checksum.</summary>
    /// <returns>Bytes of the packet.</returns>
    public readonly int Finish()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_packet[8..], Crc32c.OfPacket(_packet[..Length]));
        return Length;
    }
}
