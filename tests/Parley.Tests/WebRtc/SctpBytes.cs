using System.Buffers.Binary;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.Tests.WebRtc;

/// <summary>Packets made by hand, as a peer that keeps no rules would send them.</summary>
internal static class SctpBytes
{
    public static byte[] Packet(uint tag, params byte[][] chunks)
    {
        var packet = new byte[12 + chunks.Sum(chunk => (chunk.Length + 3) & ~3)];
        BinaryPrimitives.WriteUInt16BigEndian(packet, 5000);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), 5000);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), tag);
        var at = 12;
        foreach (var chunk in chunks)
        {
            chunk.CopyTo(packet, at);
            at += (chunk.Length + 3) & ~3;
        }

        return Sign(packet);
    }

    /// <summary>Gives a packet a good checksum.</summary>
    public static byte[] Sign(byte[] packet)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), Crc32c.OfPacket(packet));
        return packet;
    }

    public static byte[] Chunk(byte type, byte flags, params byte[] value)
    {
        var chunk = new byte[4 + value.Length];
        (chunk[0], chunk[1]) = (type, flags);
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(2), (ushort)chunk.Length);
        value.CopyTo(chunk, 4);
        return chunk;
    }

    public static byte[] Init(uint tag, uint initialTsn, params byte[] parameters)
    {
        var value = new byte[16 + parameters.Length];
        BinaryPrimitives.WriteUInt32BigEndian(value, tag);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(4), 1 << 20);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(8), 1024);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(10), 1024);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(12), initialTsn);
        parameters.CopyTo(value, 16);
        return Chunk(ChunkType.Init, 0, value);
    }

    public static byte[] Data(uint tsn, ushort stream, ushort ssn, byte flags, int length)
    {
        var value = new byte[12 + length];
        BinaryPrimitives.WriteUInt32BigEndian(value, tsn);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(4), stream);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(6), ssn);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(8), 53);
        return Chunk(ChunkType.Data, flags, value);
    }

    public static byte[] Sack(uint cumulative, uint window, params ushort[] blocks)
    {
        var value = new byte[12 + (blocks.Length * 2)];
        BinaryPrimitives.WriteUInt32BigEndian(value, cumulative);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(4), window);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(8), (ushort)(blocks.Length / 2));
        for (var i = 0; i < blocks.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(12 + (i * 2)), blocks[i]);
        }

        return Chunk(ChunkType.Sack, 0, value);
    }

    public static byte[] ForwardTsn(uint tsn, params ushort[] pairs)
    {
        var value = new byte[4 + (pairs.Length * 2)];
        BinaryPrimitives.WriteUInt32BigEndian(value, tsn);
        for (var i = 0; i < pairs.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(4 + (i * 2)), pairs[i]);
        }

        return Chunk(ChunkType.ForwardTsn, 0, value);
    }
}
