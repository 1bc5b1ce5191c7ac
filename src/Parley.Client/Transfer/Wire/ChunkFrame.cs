using System.Buffers.Binary;
using System.Security.Cryptography;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Wire;

/// <summary>Content of <see cref="FrameKind.Chunk"/> and <see cref="FrameKind.Whole"/>.</summary>
/// <remarks>Big endian: entry (4) | chunk (4) | SHA-256 of the bytes (32) | bytes. A whole file is its chunk 0.</remarks>
internal static class ChunkFrame
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>What stands in front of the bytes within the content.</summary>
    public const int PrefixBytes = 8 + HashBytes;

    /// <summary>What stands in front of the bytes, header of the frame included.</summary>
    public const int MaxHeaderBytes = Frame.HeaderBytes + PrefixBytes;

    /// <summary>Writes header, numbers and hash in front of bytes that are in place already.</summary>
    /// <param name="destination">Room for the frame, with the bytes at <see cref="MaxHeaderBytes"/>.</param>
    /// <param name="kind">Chunk or whole.</param>
    /// <param name="entry">The file's number in the manifest.</param>
    /// <param name="chunk">The chunk's number in the file.</param>
    /// <param name="length">How many bytes.</param>
    /// <returns>The hash, within <paramref name="destination"/>.</returns>
    public static ReadOnlySpan<byte> Seal(Span<byte> destination, FrameKind kind, int entry, int chunk, int length)
    {
        Frame.WriteHeader(destination, kind, PrefixBytes + length);
        BinaryPrimitives.WriteInt32BigEndian(destination[Frame.HeaderBytes..], entry);
        BinaryPrimitives.WriteInt32BigEndian(destination[(Frame.HeaderBytes + 4)..], chunk);
        var hash = destination.Slice(Frame.HeaderBytes + 8, HashBytes);
        SHA256.HashData(destination.Slice(MaxHeaderBytes, length), hash);
        return hash;
    }

    /// <summary>Reads a content.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>.</exception>
    public static (int Entry, int Chunk, ReadOnlyMemory<byte> Hash, ReadOnlyMemory<byte> Bytes) Read(ReadOnlyMemory<byte> content)
    {
        if (content.Length < PrefixBytes)
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "A chunk is shorter than its own header.");
        }

        var span = content.Span;
        return (BinaryPrimitives.ReadInt32BigEndian(span), BinaryPrimitives.ReadInt32BigEndian(span[4..]), content.Slice(8, HashBytes), content[PrefixBytes..]);
    }
}
