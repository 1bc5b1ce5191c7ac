using System.Buffers.Binary;

namespace Parley.WebRtc.Sctp.Wire;

/// <summary>Requests and answers about streams, in RE-CONFIG chunks (RFC 6525, section 4).</summary>
/// <remarks>
/// Outgoing reset, value, big endian: request number (4) | answered request number (4) | last TSN before the reset (4) | streams (2 each, none = all).
/// Incoming reset: request number (4) | streams (2 each). Answer: request number (4) | result (4).
/// </remarks>
internal static class ReconfigParameter
{
    public const ushort OutgoingReset = 13;
    public const ushort IncomingReset = 14;
    public const ushort TsnReset = 15;
    public const ushort Answer = 16;
    public const ushort AddOutgoing = 17;
    public const ushort AddIncoming = 18;

    /// <summary>Bytes of an outgoing reset's value before the streams.</summary>
    public const int OutgoingFixedBytes = 12;

    private const int ValueOffset = 2 * ChunkReader.HeaderBytes;

    /// <summary>Makes a whole chunk that asks to reset streams of ours.</summary>
    public static byte[] OutgoingChunk(uint request, uint answered, uint lastTsn, ReadOnlySpan<ushort> streams)
    {
        var chunk = Chunk(OutgoingReset, OutgoingFixedBytes + (streams.Length * 2));
        var value = chunk.AsSpan(ValueOffset);
        BinaryPrimitives.WriteUInt32BigEndian(value, request);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], answered);
        BinaryPrimitives.WriteUInt32BigEndian(value[8..], lastTsn);
        for (var i = 0; i < streams.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value[(OutgoingFixedBytes + (i * 2))..], streams[i]);
        }

        return chunk;
    }

    /// <summary>Makes a whole chunk that answers a request.</summary>
    public static byte[] AnswerChunk(uint request, ReconfigResult result)
    {
        var chunk = Chunk(Answer, 8);
        var value = chunk.AsSpan(ValueOffset);
        BinaryPrimitives.WriteUInt32BigEndian(value, request);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], (uint)result);
        return chunk;
    }

    private static byte[] Chunk(ushort type, int valueLength)
    {
        var chunk = new byte[ValueOffset + valueLength];
        chunk[0] = ChunkType.Reconfig;
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(2), (ushort)chunk.Length);
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(4), type);
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(6), (ushort)(ChunkReader.HeaderBytes + valueLength));
        return chunk;
    }
}
