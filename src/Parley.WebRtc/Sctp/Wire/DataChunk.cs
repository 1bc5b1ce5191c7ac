using System.Buffers.Binary;

namespace Parley.WebRtc.Sctp.Wire;

/// <summary>One fragment of a message (RFC 9260, section 3.3.1).</summary>
/// <remarks>
/// Value, big endian: TSN (4) | stream (2) | SSN (2) | payload protocol identifier (4) | at least one byte of content.
/// Flags: end 1, begin 2, unordered 4, acknowledge at once 8 (RFC 7053).
/// </remarks>
internal readonly ref struct DataChunk
{
    /// <summary>Bytes before the content, chunk header included.</summary>
    public const int HeaderBytes = 16;

    public const byte End = 1;
    public const byte Begin = 2;
    public const byte Unordered = 4;
    public const byte Immediate = 8;

    private DataChunk(byte flags, ReadOnlySpan<byte> value)
    {
        Flags = flags;
        Tsn = BinaryPrimitives.ReadUInt32BigEndian(value);
        Stream = BinaryPrimitives.ReadUInt16BigEndian(value[4..]);
        Ssn = BinaryPrimitives.ReadUInt16BigEndian(value[6..]);
        ProtocolId = BinaryPrimitives.ReadUInt32BigEndian(value[8..]);
        Content = value[12..];
    }

    public byte Flags { get; }

    public uint Tsn { get; }

    public ushort Stream { get; }

    public ushort Ssn { get; }

    public uint ProtocolId { get; }

    public ReadOnlySpan<byte> Content { get; }

    /// <summary>Reads the value of a DATA chunk.</summary>
    /// <returns>False when it has no content.</returns>
    public static bool TryRead(byte flags, ReadOnlySpan<byte> value, out DataChunk chunk)
    {
        if (value.Length <= HeaderBytes - ChunkReader.HeaderBytes)
        {
            chunk = default;
            return false;
        }

        chunk = new DataChunk(flags, value);
        return true;
    }

    /// <summary>Adds a DATA chunk to a packet.</summary>
    public static void Write(ref PacketWriter writer, byte flags, uint tsn, ushort stream, ushort ssn, uint protocolId, ReadOnlySpan<byte> content)
    {
        var value = writer.Add(ChunkType.Data, flags, HeaderBytes - ChunkReader.HeaderBytes + content.Length);
        BinaryPrimitives.WriteUInt32BigEndian(value, tsn);
        BinaryPrimitives.WriteUInt16BigEndian(value[4..], stream);
        BinaryPrimitives.WriteUInt16BigEndian(value[6..], ssn);
        BinaryPrimitives.WriteUInt32BigEndian(value[8..], protocolId);
        content.CopyTo(value[12..]);
    }
}
