using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Wire;

/// <summary>First frame of each end on each path: lowest and highest version (2, 2), bytes of a chunk (4), whether the receiver has the manifest (1), and of a receiver that asks for it its window in bytes (4).</summary>
/// <param name="Lowest">Oldest version that it speaks.</param>
/// <param name="Highest">Newest version that it speaks.</param>
/// <param name="ChunkBytes">Sender: the chunk's size. Receiver: the largest that it takes.</param>
/// <param name="HasManifest">Receiver: the manifest arrived on an earlier path, and what it wants of it was decided.</param>
/// <param name="Window">Receiver: bytes of files that may be on their way and not acknowledged, where it cannot keep its transport from taking more; 0 for any number.</param>
internal readonly record struct Hello(int Lowest, int Highest, int ChunkBytes, bool HasManifest, int Window = 0)
{
    /// <summary>The version that this program speaks.</summary>
    public const int Version = 1;

    private const int ChunkStep = 4 << 10;

    /// <summary>As a frame.</summary>
    public ReadOnlyMemory<byte> ToFrame()
    {
        var frame = new FrameBuilder(FrameKind.Hello).UInt16(Lowest).UInt16(Highest).Int32(ChunkBytes).Byte(HasManifest ? (byte)1 : (byte)0);
        return (Window > 0 ? frame.Int32(Window) : frame).ToFrame();
    }

    /// <summary>Reads one; fields that a later version adds at its end are skipped.</summary>
    /// <exception cref="ParleyException">No version in common, or a chunk that no transfer has.</exception>
    public static Hello Read(ReadOnlySpan<byte> content)
    {
        var reader = new WireReader(content);
        var hello = new Hello(reader.UInt16(), reader.UInt16(), reader.Int32(), reader.Byte() != 0, reader.Left >= sizeof(int) ? reader.Int32() : 0);
        if (hello.Lowest > Version || hello.Highest < Version)
        {
            throw new ParleyException(ErrorCode.ProtocolVersion, "The two ends have no version of transfers in common.");
        }

        return hello.ChunkBytes is >= TransferLimits.MinChunkBytes and <= TransferLimits.MaxChunkBytes && hello.ChunkBytes % ChunkStep == 0 ? hello : throw WireReader.Broken();
    }
}
