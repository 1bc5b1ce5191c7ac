using System.Security.Cryptography;
using System.Text;
using Parley.Client.Transfer.Paths;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer;

/// <summary>All that a transfer offers, in the order in which it is sent. Grows page by page; every entry is checked when it is added.</summary>
public sealed class Manifest(TransferLimits limits)
{
    private readonly List<ManifestEntry> _entries = [];
    private readonly PathTable _paths = new(limits);
    private long _pathsLength;

    /// <summary>The entries.</summary>
    public IReadOnlyList<ManifestEntry> Entries => _entries;

    /// <summary>What is asked for beyond the files.</summary>
    public TransferMode Mode { get; set; }

    /// <summary>Patterns of what the sender left out: never deleted at the other end.</summary>
    public IReadOnlyList<string> Patterns { get; set; } = [];

    /// <summary>Bytes of a chunk.</summary>
    public int ChunkBytes { get; set; } = limits.ChunkBytes;

    /// <summary>Files, streams included.</summary>
    public int Files { get; private set; }

    /// <summary>Folders.</summary>
    public int Folders => _entries.Count - Files;

    /// <summary>Bytes of all files whose size is known.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether some size is not known.</summary>
    public bool HasStream { get; private set; }

    /// <summary>Adds an entry.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.TransferPath"/>, or <see cref="ErrorCode.MessageTooLarge"/> beyond a limit.</exception>
    public void Add(ManifestEntry entry)
    {
        var number = _entries.Count;
        if (number >= limits.MaxEntries)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, $"A transfer has at most {limits.MaxEntries} files and folders.");
        }

        _pathsLength += entry.Path.Length;
        if (_pathsLength > limits.MaxPathsLength)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, "The names of a transfer are too long, all together.");
        }

        if (entry.Size < 0 || entry.Size > limits.MaxBytes - Bytes || (entry.Kind != EntryKind.File && entry.Size != 0))
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, $"The size of entry {number} is more than a transfer takes.");
        }

        if (ChunksOf(entry.Size, ChunkBytes) > limits.MaxChunks)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, $"Entry {number} has more than {limits.MaxChunks} chunks; its sender may choose larger ones (--chunk).");
        }

        _paths.Add(entry.Path, entry.Kind == EntryKind.Folder, number);
        _entries.Add(entry);
        Bytes += entry.Size;
        Files += entry.Kind == EntryKind.Folder ? 0 : 1;
        HasStream |= entry.Kind == EntryKind.Stream;
    }

    /// <summary>How many chunks a size makes.</summary>
    internal static long ChunksOf(long size, int chunkBytes) => (size / chunkBytes) + (size % chunkBytes == 0 ? 0 : 1);

    /// <summary>Names the partial file of an entry: the same content for the same place from the same sender has the same one, anything else another.</summary>
    internal static string KeyOf(string sender, ManifestEntry entry, int chunkBytes)
    {
        var text = $"parley-part-v1\0{sender}\0{entry.Path}\0{entry.Size}\0{entry.ModifiedNs}\0{entry.Stamp}\0{chunkBytes}";
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return Convert.ToHexStringLower(hash[..12]);
    }
}
