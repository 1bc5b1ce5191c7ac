using System.Buffers.Binary;

namespace Parley.WebRtc.Sctp.Wire;

/// <summary>Causes in ERROR and ABORT chunks (RFC 9260, section 3.3.10).</summary>
/// <remarks>Layout: code (2) | length with this header (2) | details, big endian.</remarks>
internal static class ErrorCause
{
    public const ushort InvalidStream = 1;
    public const ushort StaleCookie = 3;
    public const ushort OutOfResource = 4;
    public const ushort UnrecognizedChunk = 6;
    public const ushort UnrecognizedParameters = 8;
    public const ushort NoUserData = 9;
    public const ushort UserInitiated = 12;
    public const ushort ProtocolViolation = 13;

    /// <summary>Makes a whole ERROR or ABORT chunk with one cause.</summary>
    public static byte[] Chunk(byte type, byte flags, ushort cause, ReadOnlySpan<byte> details)
    {
        var chunk = new byte[(2 * ChunkReader.HeaderBytes) + details.Length];
        chunk[0] = type;
        chunk[1] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(2), (ushort)chunk.Length);
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(4), cause);
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(6), (ushort)(chunk.Length - ChunkReader.HeaderBytes));
        details.CopyTo(chunk.AsSpan(8));
        return chunk;
    }

    /// <summary>Whether the chunk's value has a cause.</summary>
    public static bool Contains(ReadOnlySpan<byte> value, ushort cause)
    {
        var reader = new ChunkReader(value);
        while (reader.MoveNext())
        {
            if (reader.ParameterType == cause)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The first cause of an ABORT, or null.</summary>
    public static ushort? First(ReadOnlySpan<byte> value)
    {
        var reader = new ChunkReader(value);
        return reader.MoveNext() ? reader.ParameterType : null;
    }
}
