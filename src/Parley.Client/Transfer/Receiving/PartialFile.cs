using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Paths;
using Parley.Client.Transfer.Wire;
using Parley.Crypto;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Receiving;

/// <summary>A large file on its way: the bytes beside their future name, and beside those, for the owner alone, the hashes of the chunks that were verified.</summary>
/// <remarks>
/// State file, mode 0600, big endian: "PARLEYP1" (8) | id of the machine's start (16) | bytes of a chunk (4) | size (8) | chunks on the disk for sure (4) | chunks under the file's own hash (4) |
/// that hash so far (32) | 0 (4) | SHA-256 of each verified chunk (32 each). A hash is written after its chunk; killed in between, the chunk comes again.
/// </remarks>
internal sealed class PartialFile : IDisposable
{
    private const int ChunkBytesAt = 24;
    private const int SizeAt = 28;
    private const int SyncedAt = 36;
    private const int HashedAt = 40;
    private const int HeaderBytes = 80;
    private const int OwnerOnly = 0x180; // 0600
    private const int LockAlone = 2 | 4;

    private readonly SafeFileHandle _part;
    private readonly SafeFileHandle _state;
    private readonly Folder _folder;
    private readonly string _key;
    private readonly Lock _gate = new();
    private bool _isClosed;

    private PartialFile(Folder folder, string key, SafeFileHandle part, SafeFileHandle state) => (_folder, _key, _part, _state) = (folder, key, part, state);

    /// <summary>Which file.</summary>
    public string Key => _key;

    /// <summary>Name of the bytes.</summary>
    public string PartName => PartNameOf(_key);

    /// <summary>The bytes.</summary>
    public SafeFileHandle Part => _part;

    /// <summary>Name of a partial file's bytes.</summary>
    public static string PartNameOf(string key) => $"{SafePath.PartialPrefix}{key}.part";

    /// <summary>Name of a partial file's state.</summary>
    public static string StateNameOf(string key) => $"{SafePath.PartialPrefix}{key}.state";

    /// <summary>Makes an open state this process's own, as long as the handle is open.</summary>
    /// <returns>False when another one has it.</returns>
    public static bool TryLock(SafeFileHandle state) => OperatingSystem.IsWindows() || Libc.Lock((int)state.DangerousGetHandle(), LockAlone) == 0;

    /// <summary>Removes what is left of a file that is not open.</summary>
    public static void Discard(Folder folder, string key)
    {
        folder.Delete(StateNameOf(key));
        folder.Delete(PartNameOf(key));
    }

    /// <summary>Hashes of the chunks that an earlier try left; empty when it left none.</summary>
    /// <param name="folder">Where the file will be.</param>
    /// <param name="key">Which file.</param>
    /// <param name="size">How large it will be; for a stream 0.</param>
    /// <param name="chunkBytes">Bytes of a chunk.</param>
    public static List<byte[]> Peek(Folder folder, string key, long size, int chunkBytes)
    {
        // A state that somebody else put here says nothing: its hashes would be believed.
        if (folder.Look(StateNameOf(key)) is not { Type: FileType.File, IsOurs: true } || folder.Look(PartNameOf(key)) is not { Type: FileType.File, IsOurs: true } part)
        {
            return [];
        }

        using var state = folder.OpenFile(StateNameOf(key), writes: false);
        var header = new byte[HeaderBytes];
        if (state is null || RandomAccess.Read(state, header, 0) < HeaderBytes || !header.AsSpan(0, 8).SequenceEqual("PARLEYP1"u8) ||
            BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(ChunkBytesAt)) != chunkBytes || BinaryPrimitives.ReadInt64BigEndian(header.AsSpan(SizeAt)) != size)
        {
            return [];
        }

        var verified = BootId.Is(header.AsSpan(8, BootId.Bytes)) ? int.MaxValue : Math.Max(BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(SyncedAt)), 0);
        var count = Math.Min(verified, Math.Min((RandomAccess.GetLength(state) - HeaderBytes) / ChunkFrame.HashBytes, Whole(part.Size, size, chunkBytes)));
        return ReadHashes(state, (int)count);
    }

    /// <summary>Opens what an earlier try left, or starts anew.</summary>
    /// <param name="folder">Where the file will be; stays open as long as this.</param>
    /// <param name="key">Which file.</param>
    /// <param name="kept">How many chunks are kept; 0 starts anew.</param>
    /// <param name="size">How large it will be; for a stream 0.</param>
    /// <param name="chunkBytes">Bytes of a chunk.</param>
    /// <param name="mode">Unix mode of the file, less what the user's mask takes away.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Conflict"/>: another process receives the same file.</exception>
    public static PartialFile Open(Folder folder, string key, int kept, long size, int chunkBytes, int mode)
    {
        if (folder.Look(StateNameOf(key)) is { IsOurs: false } && kept == 0)
        {
            folder.Delete(StateNameOf(key));
        }

        var state = folder.OpenFile(StateNameOf(key), writes: true) ?? folder.Create(StateNameOf(key), OwnerOnly) ?? throw Taken(null);
        if (!TryLock(state))
        {
            throw Taken(state);
        }

        var file = new PartialFile(folder, key, OpenPart(folder, key, kept, mode) ?? throw Taken(state), state);
        if (kept == 0)
        {
            file.WriteHeader(size, chunkBytes);
        }
        else
        {
            file.KeepOnly(kept);
        }

        return file;
    }

    /// <summary>Writes a chunk that was verified, and then its hash.</summary>
    public void Append(int chunk, int chunkBytes, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> hash)
    {
        RandomAccess.Write(_part, bytes, (long)chunk * chunkBytes);
        RandomAccess.Write(_state, hash, HeaderBytes + ((long)chunk * ChunkFrame.HashBytes));
    }

    /// <summary>Flushes what is written, and notes it: from there a machine goes on that lost its power.</summary>
    public void Sync(int chunks)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                RandomAccess.FlushToDisk(_part);
                RandomAccess.FlushToDisk(_state);
                WriteInt(SyncedAt, chunks);
            }
        }
    }

    /// <summary>Notes the file's own hash after that many chunks.</summary>
    public void NoteHash(int chunks, ReadOnlySpan<byte> hash)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                Span<byte> note = stackalloc byte[4 + ResumableSha256.StateBytes];
                BinaryPrimitives.WriteInt32BigEndian(note, chunks);
                hash.CopyTo(note[4..]);
                RandomAccess.Write(_state, note, HashedAt);
            }
        }
    }

    /// <summary>The file's own hash as an earlier try noted it.</summary>
    public (int Chunks, byte[] Hash) ReadHash()
    {
        var note = new byte[4 + ResumableSha256.StateBytes];
        lock (_gate)
        {
            _ = _isClosed ? 0 : RandomAccess.Read(_state, note, HashedAt);
        }

        return (BinaryPrimitives.ReadInt32BigEndian(note), note[4..]);
    }

    /// <summary>The file is whole: the state goes, the bytes are left to be named.</summary>
    public void Complete()
    {
        Dispose();
        _folder.Delete(StateNameOf(_key));
    }

    /// <summary>The file will not be finished: nothing is kept.</summary>
    public void Discard()
    {
        Complete();
        _folder.Delete(PartName);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _part.Dispose();
            _state.Dispose();
        }
    }

    private static List<byte[]> ReadHashes(SafeFileHandle state, int count)
    {
        var bytes = new byte[count * ChunkFrame.HashBytes];
        var whole = count == 0 ? 0 : RandomAccess.Read(state, bytes, HeaderBytes) / ChunkFrame.HashBytes;
        return [.. Enumerable.Range(0, whole).Select(index => bytes.AsSpan(index * ChunkFrame.HashBytes, ChunkFrame.HashBytes).ToArray())];
    }

    private static SafeFileHandle? OpenPart(Folder folder, string key, int kept, int mode)
    {
        if (kept > 0)
        {
            return folder.OpenFile(PartNameOf(key), writes: true);
        }

        folder.Delete(PartNameOf(key));
        return folder.Create(PartNameOf(key), mode);
    }

    // Whole chunks that a file of this length can hold, the last one of a known size included.
    private static long Whole(long length, long size, int chunkBytes) => size > 0 && length >= size ? Manifest.ChunksOf(size, chunkBytes) : length / chunkBytes;

    private static ParleyException Taken(SafeFileHandle? state)
    {
        state?.Dispose();
        return new ParleyException(ErrorCode.Conflict, "The same file is being received already, or something else has the name of its partial file.");
    }

    private void WriteHeader(long size, int chunkBytes)
    {
        var header = new byte[HeaderBytes];
        "PARLEYP1"u8.CopyTo(header);
        BootId.Current.CopyTo(header, 8);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(ChunkBytesAt), chunkBytes);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(SizeAt), size);
        RandomAccess.SetLength(_state, 0);
        RandomAccess.Write(_state, header, 0);
    }

    // What is kept is known to be there: from an earlier start of the machine only what was flushed.
    private void KeepOnly(int kept)
    {
        RandomAccess.SetLength(_state, HeaderBytes + ((long)kept * ChunkFrame.HashBytes));
        var id = new byte[BootId.Bytes];
        if (RandomAccess.Read(_state, id, 8) != id.Length || !BootId.Is(id))
        {
            WriteInt(SyncedAt, kept);
            RandomAccess.Write(_state, BootId.Current, 8);
        }
    }

    private void WriteInt(int at, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        RandomAccess.Write(_state, bytes, at);
    }
}
