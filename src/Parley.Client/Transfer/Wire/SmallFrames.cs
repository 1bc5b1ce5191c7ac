using Parley.Client.Peering;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Wire;

/// <summary>How far the receiver is. Entry (4) | chunks of it (4) | bytes in all (8).</summary>
internal readonly record struct Ack(int Entry, int Chunks, long Bytes)
{
    /// <summary>As a frame.</summary>
    public ReadOnlyMemory<byte> ToFrame() => new FrameBuilder(FrameKind.Ack).Int32(Entry).Int32(Chunks).Int64(Bytes).ToFrame();

    /// <summary>Reads one.</summary>
    public static Ack Read(ReadOnlySpan<byte> content)
    {
        var reader = new WireReader(content);
        return new Ack(reader.Int32(), reader.Int32(), reader.Size());
    }
}

/// <summary>The end of a file. Entry (4) | chunks (4) | size (8) | SHA-256 over the hashes of its chunks (32).</summary>
internal readonly record struct FileEnd(int Entry, int Chunks, long Size, ReadOnlyMemory<byte> Root)
{
    /// <summary>As a frame.</summary>
    public ReadOnlyMemory<byte> ToFrame() => new FrameBuilder(FrameKind.FileEnd).Int32(Entry).Int32(Chunks).Int64(Size).Bytes(Root.Span).ToFrame();

    /// <summary>Reads one.</summary>
    public static FileEnd Read(ReadOnlySpan<byte> content)
    {
        var reader = new WireReader(content);
        var end = new FileEnd(reader.Int32(), reader.Int32(), reader.Size(), reader.Bytes(ChunkFrame.HashBytes).ToArray());
        reader.End();
        return end;
    }
}

/// <summary>Chunks that both ends have. Entry (4) | first chunk (4) | how many (4).</summary>
internal readonly record struct SameChunks(int Entry, int First, int Count)
{
    /// <summary>As a frame.</summary>
    public ReadOnlyMemory<byte> ToFrame() => new FrameBuilder(FrameKind.Same).Int32(Entry).Int32(First).Int32(Count).ToFrame();

    /// <summary>Reads one.</summary>
    public static SameChunks Read(ReadOnlySpan<byte> content)
    {
        var reader = new WireReader(content);
        var same = new SameChunks(reader.Int32(), reader.Int32(), reader.Int32());
        reader.End();
        return same;
    }
}

/// <summary>A refusal: of one entry (4, before the rest) or of the transfer. Name of the error, sentence: texts.</summary>
internal readonly record struct Refusal(ErrorCode Code, string Sentence)
{
    private const int MaxNameBytes = 100;
    private const int MaxSentenceBytes = 1000;

    /// <summary>A refusal as our own exception says it.</summary>
    public static Refusal Of(ParleyException exception) => new(exception.Code, exception.Message.Length > MaxSentenceBytes / 3 ? exception.Message[..(MaxSentenceBytes / 3)] : exception.Message);

    /// <summary>The end of a transfer, as a frame.</summary>
    public ReadOnlyMemory<byte> ToFrame() => new FrameBuilder(FrameKind.Error).Text(ErrorMap.Of(Code).WireName).Text(Sentence).ToFrame();

    /// <summary>The refusal of an entry, as a frame.</summary>
    public ReadOnlyMemory<byte> ToFrame(FrameKind kind, int entry) => new FrameBuilder(kind).Int32(entry).Text(ErrorMap.Of(Code).WireName).Text(Sentence).ToFrame();

    /// <summary>Reads the end of a transfer.</summary>
    public static Refusal Read(ReadOnlySpan<byte> content)
    {
        var reader = new WireReader(content);
        return Read(ref reader);
    }

    /// <summary>Reads the refusal of an entry.</summary>
    public static (int Entry, Refusal Refusal) ReadOfEntry(ReadOnlySpan<byte> content)
    {
        var reader = new WireReader(content);
        return (reader.Int32(), Read(ref reader));
    }

    /// <summary>As an exception at this end; the sentence is the other end's.</summary>
    public ParleyException ToException() => new(Code, Sentence);

    private static Refusal Read(ref WireReader reader) => new(ErrorMap.FromWireName(reader.Text(MaxNameBytes)), PlainText.Of(reader.Text(MaxSentenceBytes)));
}

/// <summary>What became of a transfer. Files (4) | bytes (8) | unchanged (4) | failed (4) | removed (4) | whether a hash follows (1) | SHA-256 (32).</summary>
internal readonly record struct ResultFrame(int Files, long Bytes, int Unchanged, int Failed, int Deleted, byte[]? Hash)
{
    /// <summary>As a frame.</summary>
    public ReadOnlyMemory<byte> ToFrame()
    {
        var frame = new FrameBuilder(FrameKind.Result).Int32(Files).Int64(Bytes).Int32(Unchanged).Int32(Failed).Int32(Deleted).Byte(Hash is null ? (byte)0 : (byte)1);
        return (Hash is { } hash ? frame.Bytes(hash) : frame).ToFrame();
    }

    /// <summary>Reads one.</summary>
    public static ResultFrame Read(ReadOnlySpan<byte> content)
    {
        var reader = new WireReader(content);
        var (files, bytes, unchanged, failed, deleted) = (reader.Int32(), reader.Size(), reader.Int32(), reader.Int32(), reader.Int32());
        return new ResultFrame(files, bytes, unchanged, failed, deleted, reader.Byte() == 0 ? null : reader.Bytes(ChunkFrame.HashBytes).ToArray());
    }
}
