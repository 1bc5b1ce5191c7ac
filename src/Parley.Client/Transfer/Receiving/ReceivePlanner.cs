using System.Text;
using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Paths;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Receiving;

/// <summary>Decides for each entry what is wanted of it, by what is in the folder already. Reads only.</summary>
internal sealed class ReceivePlanner(Folder root, Manifest manifest, ReceiveOptions options, string sender)
{
    private const int MaxExamples = 20;
    private const int MaxNumber = 1000;
    private const int MaxExtension = 20;
    private const long TimeStepNs = 1000;

    private readonly List<string> _examples = [];
    private int _files;
    private long _bytes;
    private int _unchanged;
    private long _resumed;
    private int _conflicts;
    private int _replaced;

    /// <summary>What is decided, by entry.</summary>
    public EntryState[] States { get; } = new EntryState[manifest.Entries.Count];

    /// <summary>Chunks that earlier tries left, by entry.</summary>
    public Dictionary<int, List<byte[]>> Kept { get; } = [];

    /// <summary>Why entries cannot be taken.</summary>
    public Dictionary<int, Refusal> Failures { get; } = [];

    /// <summary>Decides.</summary>
    /// <param name="freeBytes">Room on the disk; negative when nobody knows.</param>
    public Offer Plan(long freeBytes)
    {
        using var cursor = new FolderCursor(root);
        for (var entry = 0; entry < States.Length; entry++)
        {
            try
            {
                Decide(entry, cursor);
            }
            catch (Exception exception) when (DiskFaults.IsOfFile(exception))
            {
                States[entry].Action = EntryAction.Skip;
                States[entry].Status = EntryStatus.Failed;
                Failures[entry] = Refusal.Of(DiskFaults.Of(exception));
            }
        }

        return new Offer(manifest, _files, _bytes, _unchanged, _resumed, _conflicts, _replaced, Failures.Count, freeBytes, _examples);
    }

    /// <summary>The name with a number, of at most 255 bytes: <c>name (1).txt</c>.</summary>
    public static string Numbered(string name, int number)
    {
        var dot = name.LastIndexOf('.');
        var (stem, extension) = dot > 0 && name.Length - dot <= MaxExtension ? (name[..dot], name[dot..]) : (name, string.Empty);
        var suffix = $" ({number}){extension}";
        while (Encoding.UTF8.GetByteCount(stem) + Encoding.UTF8.GetByteCount(suffix) > SafePath.MaxPartBytes)
        {
            stem = stem[..^(char.IsLowSurrogate(stem[^1]) ? 2 : 1)];
        }

        return stem + suffix;
    }

    private void Decide(int number, FolderCursor cursor)
    {
        var entry = manifest.Entries[number];
        var folder = cursor.EnterParent(entry.Path, makes: false);
        var name = FolderCursor.NameOf(entry.Path);
        var facts = folder?.Look(name);
        if (entry.Kind == EntryKind.Folder)
        {
            if (facts is { Type: not FileType.Folder })
            {
                throw new ParleyException(ErrorCode.Conflict, "Something else at the receiver has a folder's name.");
            }

            return;
        }

        if (folder is not null && facts is { } taken && IsSettled(number, entry, taken, folder, name))
        {
            return;
        }

        _files++;
        _bytes += entry.Size;
        if (_examples.Count < MaxExamples)
        {
            _examples.Add(entry.Path);
        }

        if (folder is not null && entry.Kind == EntryKind.File && entry.Size > manifest.ChunkBytes)
        {
            LookForPartial(number, entry, folder);
        }
    }

    // What has the name already decides. True: nothing of the entry is taken.
    private bool IsSettled(int number, ManifestEntry entry, FileFacts facts, Folder folder, string name)
    {
        var isFile = facts.Type == FileType.File && entry.Kind == EntryKind.File;
        var maySync = (manifest.Mode & TransferMode.Sync) != 0;
        var isByHash = (manifest.Mode & TransferMode.Checksum) != 0;
        if (isFile && facts.Size == entry.Size && !isByHash && IsSameTime(facts.ModifiedNs, entry.ModifiedNs))
        {
            Settle(number);
            return true;
        }

        if (isFile && facts.Size > 0 && entry.Size > 0 && (maySync || (isByHash && facts.Size == entry.Size)))
        {
            States[number].Action = EntryAction.Compare;
        }

        _conflicts++;
        if (maySync || options.Conflict == ConflictPolicy.Overwrite)
        {
            if (facts.Type == FileType.Folder)
            {
                throw new ParleyException(ErrorCode.Conflict, "A folder at the receiver has the file's name.");
            }

            States[number].Replaces = true;
            _replaced++;
            return false;
        }

        if (options.Conflict == ConflictPolicy.Skip || (!isByHash && entry.Kind == EntryKind.File && HasNumbered(folder, name, entry)))
        {
            Settle(number);
            return true;
        }

        return false;
    }

    // An earlier try may have put it beside the other one.
    private static bool HasNumbered(Folder folder, string name, ManifestEntry entry)
    {
        for (var number = 1; number < MaxNumber && folder.Look(Numbered(name, number)) is { } facts; number++)
        {
            if (facts.Type == FileType.File && facts.Size == entry.Size && IsSameTime(facts.ModifiedNs, entry.ModifiedNs))
            {
                return true;
            }
        }

        return false;
    }

    private void LookForPartial(int number, ManifestEntry entry, Folder folder)
    {
        var hashes = PartialFile.Peek(folder, Manifest.KeyOf(sender, entry, manifest.ChunkBytes), entry.Size, manifest.ChunkBytes);
        if (hashes.Count > 0)
        {
            States[number].Action = EntryAction.Resume;
            Kept[number] = hashes;
            var kept = Math.Min(entry.Size, (long)hashes.Count * manifest.ChunkBytes);
            _bytes -= kept;
            _resumed += kept;
        }
    }

    private void Settle(int number)
    {
        States[number].Action = EntryAction.Skip;
        States[number].Status = EntryStatus.Unchanged;
        _unchanged++;
    }

    // File systems keep times in steps of their own.
    private static bool IsSameTime(long left, long right) => left / TimeStepNs == right / TimeStepNs;
}
