using System.Security.Cryptography;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Wire;

/// <summary>Frames of a manifest: <see cref="FrameKind.Begin"/>, pages of entries, and an end that holds the hash of all before it.</summary>
/// <remarks>
/// Begin: mode (4) | patterns (2), each a text. Entries: entries until the end, each kind (1) | flags (1), 1 = executable | path, a text | size (8) | modified (8) | stamp (8).
/// End: entries (4) | SHA-256 of the contents of Begin and Entries (32).
/// </remarks>
internal static class ManifestFrames
{
    /// <summary>A page is sent once it is that long.</summary>
    public const int PageBytes = 32 << 10;

    /// <summary>Longest page: one that was almost full, and one more entry. Patterns may need more.</summary>
    public const int MaxPageBytes = 128 << 10;

    private const int MaxPatternBytes = 1024;
    private const int MaxPatternsBytes = MaxPageBytes - 1024;

    /// <summary>Starts a manifest.</summary>
    public static ReadOnlyMemory<byte> Begin(Manifest manifest, IncrementalHash hash)
    {
        var frame = new FrameBuilder(FrameKind.Begin).Int32((int)manifest.Mode).UInt16(manifest.Patterns.Count);
        foreach (var pattern in manifest.Patterns)
        {
            frame.Text(pattern);
        }

        if (frame.Length > MaxPatternsBytes)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, "The patterns of a transfer are too long, all together.");
        }

        hash.AppendData(frame.Content);
        return frame.ToFrame();
    }

    /// <summary>Adds an entry to a page.</summary>
    public static void Write(FrameBuilder page, ManifestEntry entry) =>
        page.Byte((byte)entry.Kind).Byte(entry.IsExecutable ? (byte)1 : (byte)0).Text(entry.Path).Int64(entry.Size).Int64(entry.ModifiedNs).Int64((long)entry.Stamp);

    /// <summary>Ends a manifest.</summary>
    public static ReadOnlyMemory<byte> End(int entries, IncrementalHash hash) =>
        new FrameBuilder(FrameKind.ManifestEnd).Int32(entries).Bytes(hash.GetHashAndReset()).ToFrame();

    /// <summary>Takes a frame into a manifest.</summary>
    /// <returns>True when it was the last one.</returns>
    /// <exception cref="ParleyException">It breaks the protocol, a limit or the rules for names.</exception>
    public static bool Take(FrameKind kind, ReadOnlySpan<byte> content, Manifest manifest, TransferLimits limits, IncrementalHash hash)
    {
        var reader = new WireReader(content);
        if (kind == FrameKind.ManifestEnd)
        {
            var isWhole = reader.Int32() == manifest.Entries.Count && CryptographicOperations.FixedTimeEquals(reader.Bytes(ChunkFrame.HashBytes), hash.GetHashAndReset());
            reader.End();
            return isWhole ? true : throw new ParleyException(ErrorCode.IntegrityFailed, "The manifest is not the one that was sent.");
        }

        hash.AppendData(content);
        if (kind == FrameKind.Begin)
        {
            ReadBegin(ref reader, manifest, limits);
            return false;
        }

        if (kind != FrameKind.Entries)
        {
            throw WireReader.Broken();
        }

        while (!reader.IsAtEnd)
        {
            manifest.Add(ReadEntry(ref reader, limits));
        }

        return false;
    }

    private static void ReadBegin(ref WireReader reader, Manifest manifest, TransferLimits limits)
    {
        manifest.Mode = (TransferMode)reader.Int32();
        var count = reader.UInt16();
        if (count > limits.MaxPatterns)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, $"A transfer has at most {limits.MaxPatterns} patterns.");
        }

        var patterns = new List<string>();
        for (var index = 0; index < count; index++)
        {
            patterns.Add(reader.Text(MaxPatternBytes));
        }

        reader.End();
        _ = new Sending.ExcludePatterns(patterns);
        manifest.Patterns = patterns;
    }

    private static ManifestEntry ReadEntry(ref WireReader reader, TransferLimits limits)
    {
        var kind = (EntryKind)reader.Byte();
        var flags = reader.Byte();
        var path = reader.Text(limits.MaxPathBytes);
        return kind <= EntryKind.Stream ? new ManifestEntry(path, kind, reader.Size(), reader.Int64(), (ulong)reader.Int64(), (flags & 1) != 0) : throw WireReader.Broken();
    }
}
