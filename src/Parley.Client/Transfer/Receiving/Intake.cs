using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Receiving;

/// <summary>Turns frames into files, one frame at a time: verifies, writes beside the name, and gives the name last. Knows at each moment what is here, for the plan of the next path.</summary>
/// <param name="root">The folder that files go into.</param>
/// <param name="manifest">What was offered.</param>
/// <param name="plan">What was decided.</param>
/// <param name="options">How.</param>
/// <param name="sender">Who sends; part of the names of partial files.</param>
/// <param name="time">Clock.</param>
/// <param name="failed">Told of entries that are given up, and whether the sender knows already.</param>
internal sealed partial class Intake(Folder root, Manifest manifest, ReceivePlanner plan, ReceiveOptions options, string sender, TimeProvider time, Action<int, Refusal, bool> failed) : IAsyncDisposable
{
    private const int ModePlain = 0x1B6; // 0666, less the user's mask
    private const int ModeExecutable = 0x1FF; // 0777

    private readonly EntryState[] _states = plan.States;
    private readonly FolderCursor _cursor = new(root);
    private readonly ReportHash _report = new((manifest.Mode & TransferMode.NoFileHash) == 0);
    private readonly Dictionary<int, IReadOnlyList<byte[]>> _basis = [];
    private readonly Dictionary<int, long> _streamBytes = [];
    private readonly string _tag = RandomNumberGenerator.GetHexString(16, lowercase: true);
    private readonly Lock _gate = new();
    private OpenFile? _open;
    private Ack _position;
    private int _next;
    private long _settledBytes = plan.States.Select((state, index) => state.Status == EntryStatus.Pending ? 0 : manifest.Entries[index].Size).Sum() +
        plan.Kept.Sum(kept => Math.Min(manifest.Entries[kept.Key].Size, (long)kept.Value.Count * manifest.ChunkBytes));
    private int _files;
    private long _bytes;
    private int _failures = plan.Failures.Count;
    private int _unchanged = plan.States.Count(static state => state.Status == EntryStatus.Unchanged);

    /// <summary>How far it is.</summary>
    public Ack Position
    {
        get
        {
            lock (_gate)
            {
                return _position;
            }
        }
    }

    /// <summary>Bytes that are missing; without streams of unknown length.</summary>
    public long Left
    {
        get
        {
            lock (_gate)
            {
                return Math.Max(manifest.Bytes - _settledBytes, 0);
            }
        }
    }

    /// <summary>What became of all; null before the end.</summary>
    public ResultFrame? Result { get; private set; }

    /// <summary>Entries whose chunks at this end are compared.</summary>
    public IEnumerable<int> Compared => Enumerable.Range(0, _states.Length).Where(entry => _states[entry] is { Status: EntryStatus.Pending, Action: EntryAction.Compare });

    /// <summary>What the next path should bring.</summary>
    /// <returns>Runs of entries for the plan, those that are taken whole left out; and the hashes of what is half here.</returns>
    public (List<(int First, int Count, EntryAction Action, int Chunks)> Runs, List<(int Entry, IReadOnlyList<byte[]> Hashes)> Kept) Wanted()
    {
        var runs = new List<(int First, int Count, EntryAction Action, int Chunks)>();
        var kept = new List<(int, IReadOnlyList<byte[]>)>();
        for (var entry = 0; entry < _states.Length; entry++)
        {
            var action = _states[entry].Status == EntryStatus.Pending ? _states[entry].Action : EntryAction.Skip;
            if (action == EntryAction.Resume)
            {
                runs.Add((entry, 1, action, plan.Kept[entry].Count));
                kept.Add((entry, plan.Kept[entry]));
            }
            else if (action != EntryAction.Take && runs.Count > 0 && runs[^1].Action == action && runs[^1].First + runs[^1].Count == entry)
            {
                runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
            }
            else if (action != EntryAction.Take)
            {
                runs.Add((entry, 1, action, 0));
            }
        }

        return (runs, kept);
    }

    /// <summary>Notes the hashes of a file that is here.</summary>
    public void NoteBasis(int entry, IReadOnlyList<byte[]> hashes)
    {
        lock (_gate)
        {
            _basis[entry] = hashes;
        }
    }

    /// <summary>Takes the next frame; gives it back when it is done with.</summary>
    /// <exception cref="ParleyException">A chunk is not what its hash says, the disk is full, or the protocol was broken.</exception>
    public async ValueTask TakeAsync(Frame frame)
    {
        var isKept = false;
        try
        {
            switch (frame.Kind)
            {
                case FrameKind.Whole:
                    await TakeWholeAsync(ChunkFrame.Read(frame.Content));
                    break;
                case FrameKind.Chunk:
                    isKept = await TakeChunkAsync(frame, ChunkFrame.Read(frame.Content));
                    break;
                case FrameKind.Same:
                    await TakeSameAsync(SameChunks.Read(frame.Content.Span));
                    break;
                case FrameKind.FileEnd:
                    await EndFileAsync(FileEnd.Read(frame.Content.Span));
                    break;
                case FrameKind.SourceFailed:
                    var (entry, refusal) = Refusal.ReadOfEntry(frame.Content.Span);
                    GiveUp(Expect(entry), refusal, isTold: true);
                    break;
                case FrameKind.End:
                    await EndAsync();
                    break;
                default:
                    throw WireReader.Broken();
            }
        }
        finally
        {
            if (!isKept)
            {
                frame.Dispose();
            }
        }
    }

    /// <summary>The path broke, or somebody stopped: what is half here stays, and is known.</summary>
    public void Suspend()
    {
        if (_open is { } open)
        {
            if (open.File is not null && open.Hashes.Count > 0)
            {
                plan.Kept[open.Entry] = open.Hashes;
                _streamBytes[open.Entry] = open.Size;
                _states[open.Entry].Action = EntryAction.Resume;
            }
            else
            {
                // Nothing of it is on the disk: what was only counted is counted again.
                _settledBytes -= open.Size;
            }

            open.Close();
            _open = null;
        }

        _cursor.Reset();
        _next = 0;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Suspend();
        DiscardStreams();
        await _report.DisposeAsync();
        _cursor.Dispose();
    }

    // No other process can go on with a stream.
    private void DiscardStreams()
    {
        foreach (var entry in plan.Kept.Keys.Where(entry => manifest.Entries[entry].Kind == EntryKind.Stream))
        {
            try
            {
                if (_cursor.EnterParent(manifest.Entries[entry].Path, makes: false) is { } folder)
                {
                    PartialFile.Discard(folder, OwnKeyOf(entry));
                }
            }
            catch (Exception exception) when (DiskFaults.IsOfFile(exception))
            {
                // Then it goes after some days.
            }
        }
    }

    // Entries come in their order, and only those that were asked for.
    private int Expect(int entry)
    {
        if (entry < _next || entry >= _states.Length || manifest.Entries[entry].Kind == EntryKind.Folder || _states[entry].Action == EntryAction.Skip ||
            _states[entry].Status is EntryStatus.Done or EntryStatus.Unchanged || (_open is { } open && open.Entry != entry))
        {
            throw WireReader.Broken();
        }

        _next = entry;
        return entry;
    }

    private async ValueTask TakeWholeAsync((int Entry, int Chunk, ReadOnlyMemory<byte> Hash, ReadOnlyMemory<byte> Bytes) whole)
    {
        var number = Expect(whole.Entry);
        var entry = manifest.Entries[number];
        if (_states[number] is not { Action: EntryAction.Take, Status: EntryStatus.Pending } || _open is not null || entry.Kind != EntryKind.File || whole.Bytes.Length != entry.Size)
        {
            throw WireReader.Broken();
        }

        Verify(whole.Bytes.Span, whole.Hash.Span);
        _next = number + 1;
        try
        {
            WriteWhole(number, entry, whole.Bytes.Span);
        }
        catch (Exception exception) when (DiskFaults.IsOfFile(exception))
        {
            GiveUp(number, Refusal.Of(DiskFaults.Of(exception)), isTold: false);
            return;
        }

        if (_states[number].Status == EntryStatus.Done)
        {
            await _report.AddWholeAsync(entry.Path, whole.Hash.ToArray());
        }
    }

    private void WriteWhole(int number, ManifestEntry entry, ReadOnlySpan<byte> bytes)
    {
        var folder = _cursor.EnterParent(entry.Path, makes: true)!;
        var temporary = PartialFile.PartNameOf(OwnKeyOf(number));
        var file = folder.Create(temporary, ModeOf(entry)) ?? throw new ParleyException(ErrorCode.Conflict, "Something else has the name of a partial file.");
        try
        {
            using (file)
            {
                if (!bytes.IsEmpty)
                {
                    RandomAccess.Write(file, bytes, 0);
                }

                Seal(folder, file, entry);
            }

            Name(number, folder, temporary, entry.Size);
        }
        catch
        {
            folder.Delete(temporary);
            throw;
        }
    }

    private void Seal(Folder folder, SafeFileHandle file, ManifestEntry entry)
    {
        if (entry.Kind == EntryKind.File)
        {
            folder.SetModified(file, entry.ModifiedNs);
        }

        if (options.Syncs)
        {
            RandomAccess.FlushToDisk(file);
        }
    }

    // The last step: the file gets its name, by the policy where another one has it.
    private void Name(int number, Folder folder, string temporary, long size)
    {
        var name = FolderCursor.NameOf(manifest.Entries[number].Path);
        var isTaken = true;
        if (_states[number].Replaces || (options.Conflict == ConflictPolicy.Overwrite && !folder.TryName(temporary, name)))
        {
            folder.Replace(temporary, name);
        }
        else if (options.Conflict != ConflictPolicy.Overwrite)
        {
            isTaken = TryFreeName(folder, temporary, name);
        }

        if (options.Syncs)
        {
            folder.Sync();
        }

        Settle(number, isTaken ? EntryStatus.Done : EntryStatus.Unchanged, size);
    }

    private bool TryFreeName(Folder folder, string temporary, string name)
    {
        const int MaxNumber = 10_000;
        for (var copy = 0; copy < MaxNumber; copy++)
        {
            if (folder.TryName(temporary, copy == 0 ? name : ReceivePlanner.Numbered(name, copy)))
            {
                return true;
            }

            if (options.Conflict == ConflictPolicy.Skip)
            {
                folder.Delete(temporary);
                return false;
            }
        }

        throw new ParleyException(ErrorCode.Conflict, "The receiver has too many files of this name.");
    }

    private void Settle(int number, EntryStatus status, long size)
    {
        _states[number].Status = status;
        if (status == EntryStatus.Done)
        {
            _files++;
            _bytes += size;
        }
        else
        {
            _unchanged++;
        }

        // What came chunk by chunk is counted already.
        Move(number, _open is null ? size : 0, 0);
    }

    private void GiveUp(int number, Refusal refusal, bool isTold)
    {
        if (refusal.Code == ErrorCode.TransferSpace)
        {
            throw refusal.ToException();
        }

        var counted = 0L;
        if (_open is { } open)
        {
            // What the sender gave up cannot be gone on with; what we could not write, perhaps, unless it is a stream.
            if (isTold || manifest.Entries[number].Kind == EntryKind.Stream)
            {
                open.File?.Discard();
            }

            counted = open.Size;
            open.Close();
            _open = null;
        }

        if (_states[number].Status == EntryStatus.Pending)
        {
            _states[number].Status = EntryStatus.Failed;
            _failures++;
            failed(number, refusal, isTold);
            Move(number, Math.Max(manifest.Entries[number].Size - counted, 0), 0);
        }
    }

    private void Move(int entry, long bytes, int chunks)
    {
        lock (_gate)
        {
            _settledBytes += bytes;
            _position = new Ack(entry, chunks, _settledBytes);
        }
    }

    // What no other transfer goes on with has a name that no other one uses: the same sender may send the same twice at once.
    private string OwnKeyOf(int number) => $"{_tag}-{number}";

    private int ModeOf(ManifestEntry entry) => entry.IsExecutable && options.KeepsExecutable ? ModeExecutable : ModePlain;

    private static void Verify(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> hash)
    {
        Span<byte> actual = stackalloc byte[ChunkFrame.HashBytes];
        SHA256.HashData(bytes, actual);
        if (!actual.SequenceEqual(hash))
        {
            throw new ParleyException(ErrorCode.IntegrityFailed, "A chunk is not what its hash says.");
        }
    }
}
