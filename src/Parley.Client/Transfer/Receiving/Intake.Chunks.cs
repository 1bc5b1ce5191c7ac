using System.Security.Cryptography;
using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Receiving;

/// <content>Files of several chunks, and of unknown length.</content>
internal sealed partial class Intake
{
    // True when the frame is kept for a while.
    private async ValueTask<bool> TakeChunkAsync(Frame frame, (int Entry, int Chunk, ReadOnlyMemory<byte> Hash, ReadOnlyMemory<byte> Bytes) chunk)
    {
        var number = Expect(chunk.Entry);
        if (_states[number].Status == EntryStatus.Failed)
        {
            return false;
        }

        try
        {
            var open = _open ??= Open(number);
            CheckPlace(open, chunk.Chunk, chunk.Bytes.Length);
            Verify(chunk.Bytes.Span, chunk.Hash.Span);
            open.HasChanged = true;
            await StartFileAsync(open);
            open.File!.Append(chunk.Chunk, manifest.ChunkBytes, chunk.Bytes.Span, chunk.Hash.Span);
            Advance(open, chunk.Hash.ToArray(), chunk.Bytes.Length);
        }
        catch (Exception exception) when (DiskFaults.IsOfFile(exception))
        {
            GiveUp(number, Refusal.Of(DiskFaults.Of(exception)), isTold: false);
            return false;
        }

        await _report.AddAsync(frame, chunk.Bytes);
        return true;
    }

    private async ValueTask TakeSameAsync(SameChunks same)
    {
        var number = Expect(same.Entry);
        if (_states[number].Status == EntryStatus.Failed)
        {
            return;
        }

        try
        {
            var open = _open ??= Open(number);
            var hashes = BasisOf(number);
            if (open.Basis is null || same.First != open.Hashes.Count || same.Count > hashes.Count - same.First)
            {
                throw WireReader.Broken();
            }

            for (var chunk = same.First; chunk < same.First + same.Count; chunk++)
            {
                // Only counted while nothing has changed; copied and verified afterwards.
                if (open.HasChanged)
                {
                    await CopyAsync(open, chunk, hashes[chunk]);
                }

                Advance(open, hashes[chunk], LengthOf(number, chunk));
            }
        }
        catch (Exception exception) when (DiskFaults.IsOfFile(exception))
        {
            GiveUp(number, Refusal.Of(DiskFaults.Of(exception)), isTold: false);
        }
    }

    private async ValueTask CopyAsync(OpenFile open, int chunk, byte[] hash)
    {
        var buffer = new byte[LengthOf(open.Entry, chunk)];
        var count = RandomAccess.Read(open.Basis!, buffer, (long)chunk * manifest.ChunkBytes);
        if (count != buffer.Length || !SHA256.HashData(buffer).AsSpan().SequenceEqual(hash))
        {
            throw new ParleyException(ErrorCode.TransferFile, "The receiver's own copy was changed while it was compared.");
        }

        open.File!.Append(chunk, manifest.ChunkBytes, buffer, hash);
        await _report.AddAsync(null, buffer);
    }

    private OpenFile Open(int number)
    {
        var entry = manifest.Entries[number];
        var kept = _states[number].Action == EntryAction.Resume ? plan.Kept[number] : [];
        var bytes = (long)kept.Count * manifest.ChunkBytes;
        var open = entry.Kind == EntryKind.File
            ? new OpenFile(number, Manifest.KeyOf(sender, entry, manifest.ChunkBytes), kept, Math.Min(bytes, entry.Size), time.GetTimestamp())
            : new OpenFile(number, OwnKeyOf(number), kept, _streamBytes.GetValueOrDefault(number), time.GetTimestamp());

        // Of a stream the last chunk may be here, and only that one is short.
        open.HasEnded = open.Size < bytes;
        if (_states[number].Action == EntryAction.Compare)
        {
            open.Basis = _cursor.EnterParent(entry.Path, makes: false)?.OpenFile(FolderCursor.NameOf(entry.Path), writes: false);
        }

        return open;
    }

    // The partial file is made when the first byte for it comes; what was only counted so far is copied then.
    private async ValueTask StartFileAsync(OpenFile open)
    {
        if (open.File is not null)
        {
            return;
        }

        var entry = manifest.Entries[open.Entry];
        var folder = _cursor.EnterParent(entry.Path, makes: true)!;
        var kept = _states[open.Entry].Action == EntryAction.Resume ? open.Hashes.Count : 0;
        open.File = PartialFile.Open(folder, open.Key, kept, entry.Kind == EntryKind.File ? entry.Size : 0, manifest.ChunkBytes, ModeOf(entry));
        await _report.BeginAsync(open.File, kept, manifest.ChunkBytes);
        for (var chunk = kept; chunk < open.Hashes.Count; chunk++)
        {
            await CopyAsync(open, chunk, open.Hashes[chunk]);
        }
    }

    private async ValueTask EndFileAsync(FileEnd end)
    {
        var number = Expect(end.Entry);
        _next = number + 1;
        if (_states[number].Status == EntryStatus.Failed)
        {
            return;
        }

        try
        {
            var open = _open ??= Open(number);
            var entry = manifest.Entries[number];
            if (end.Chunks != open.Hashes.Count || end.Size != open.Size || (entry.Kind == EntryKind.File && end.Size != entry.Size))
            {
                throw WireReader.Broken();
            }

            CheckRoot(open, end);
            await FinishFileAsync(open, entry);
            _open = null;
        }
        catch (Exception exception) when (DiskFaults.IsOfFile(exception))
        {
            GiveUp(number, Refusal.Of(DiskFaults.Of(exception)), isTold: false);
        }
    }

    private async ValueTask FinishFileAsync(OpenFile open, ManifestEntry entry)
    {
        if (open.Basis is { } basis && !open.HasChanged && RandomAccess.GetLength(basis) == entry.Size)
        {
            // Nothing differs: it stays as it is, but for its time.
            _cursor.EnterParent(entry.Path, makes: false)?.SetModified(basis, entry.ModifiedNs);
            open.Close();
            Settle(open.Entry, EntryStatus.Unchanged, entry.Size);
            return;
        }

        await StartFileAsync(open);
        var folder = _cursor.EnterParent(entry.Path, makes: true)!;
        RandomAccess.SetLength(open.File!.Part, open.Size);
        Seal(folder, open.File.Part, entry);
        await _report.ReadAgainAsync();
        NameOrDiscard(open, folder);
        if (_states[open.Entry].Status == EntryStatus.Done)
        {
            await _report.EndAsync(entry.Path);
        }

        // Until here the state says whose the bytes are: without it they look as if nobody went on with them.
        open.File.Complete();
        open.Close();
    }

    // A disk that refuses may take it the next time; a name that is not to be had is not.
    private void NameOrDiscard(OpenFile open, Folder folder)
    {
        try
        {
            Name(open.Entry, folder, open.File!.PartName, open.Size);
        }
        catch (ParleyException)
        {
            open.File!.Discard();
            throw;
        }
    }

    private void CheckPlace(OpenFile open, int chunk, int length)
    {
        var isFile = manifest.Entries[open.Entry].Kind == EntryKind.File;
        if (chunk != open.Hashes.Count || open.HasEnded || length == 0 || length > manifest.ChunkBytes || (isFile && length != LengthOf(open.Entry, chunk)))
        {
            throw WireReader.Broken();
        }

        if (open.Size + length > options.Limits.MaxBytes || chunk >= options.Limits.MaxChunks)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, "The stream is longer than the receiver takes.");
        }

        open.HasEnded = length < manifest.ChunkBytes;
    }

    private void Advance(OpenFile open, byte[] hash, int length)
    {
        open.Hashes.Add(hash);
        open.Size += length;
        Move(open.Entry, length, open.Hashes.Count);
        if (open.File is { } file && time.GetElapsedTime(open.SyncedAt) > options.Limits.SyncInterval)
        {
            var chunks = open.Hashes.Count;
            open.SyncedAt = time.GetTimestamp();
            _ = Task.Run(() => Flush(file, chunks));
        }
    }

    // Beside the transfer; a disk that fails here fails the next write as well.
    private static void Flush(PartialFile file, int chunks)
    {
        try
        {
            file.Sync(chunks);
        }
        catch (Exception exception) when (DiskFaults.Is(exception))
        {
            // Then less is known to be on the disk.
        }
    }

    private int LengthOf(int number, int chunk) => (int)Math.Clamp(manifest.Entries[number].Size - ((long)chunk * manifest.ChunkBytes), 0, manifest.ChunkBytes);

    private IReadOnlyList<byte[]> BasisOf(int number)
    {
        lock (_gate)
        {
            return _basis.GetValueOrDefault(number) ?? [];
        }
    }

    private static void CheckRoot(OpenFile open, FileEnd end)
    {
        using var root = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var hash in open.Hashes)
        {
            root.AppendData(hash);
        }

        if (!CryptographicOperations.FixedTimeEquals(root.GetHashAndReset(), end.Root.Span))
        {
            throw new ParleyException(ErrorCode.IntegrityFailed, "The file is not made of the chunks that were sent.");
        }
    }
}
