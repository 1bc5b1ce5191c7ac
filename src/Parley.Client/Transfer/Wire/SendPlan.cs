using System.Collections.Concurrent;

namespace Parley.Client.Transfer.Wire;

/// <summary>What the receiver wants, as the sender keeps it.</summary>
/// <remarks>
/// <see cref="FrameKind.Plan"/>: runs until the end, in the order of their entries, each first entry (4) | entries (4) | action (1) | chunks that the receiver has (4). Entries that no run names are taken whole.
/// <see cref="FrameKind.Hashes"/>: entry (4) | number of the first (4) | how many there are in all (4) | hashes (32 each).
/// </remarks>
/// <param name="manifest">What was offered.</param>
internal sealed class SendPlan(Manifest manifest)
{
    /// <summary>Hashes in one frame.</summary>
    public const int HashesInFrame = 1024;

    private readonly EntryAction[] _actions = new EntryAction[manifest.Entries.Count];
    private readonly ConcurrentDictionary<int, HashList> _lists = new();
    private readonly ConcurrentDictionary<int, bool> _failed = new();
    private readonly ConcurrentDictionary<int, CancellationTokenSource> _watched = new();
    private int _next;

    /// <summary>Bytes that need not travel, by the receiver's word.</summary>
    public long BytesThere { get; private set; }

    /// <summary>What is wanted of an entry.</summary>
    public EntryAction this[int entry] => _actions[entry];

    /// <summary>The receiver's hashes of an entry, once they are all here; the list is forgotten.</summary>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> TakeHashesAsync(int entry, CancellationToken cancellationToken)
    {
        var list = _lists.GetOrAdd(entry, static _ => new HashList());
        var hashes = await list.Complete.Task.WaitAsync(cancellationToken);
        _lists.TryRemove(entry, out _);
        return hashes;
    }

    /// <summary>Whether the receiver gave an entry up.</summary>
    public bool HasFailed(int entry) => _failed.ContainsKey(entry);

    /// <summary>Ends when the receiver gives an entry up: for whoever waits for room that it will never make.</summary>
    public CancellationToken FailureOf(int entry)
    {
        var watched = _watched.GetOrAdd(entry, static _ => new CancellationTokenSource());
        if (HasFailed(entry))
        {
            watched.Cancel();
        }

        return watched.Token;
    }

    /// <summary>The receiver gives an entry up.</summary>
    public void Fail(int entry)
    {
        _failed[entry] = true;
        if (_watched.TryGetValue(entry, out var watched))
        {
            watched.Cancel();
        }
    }

    /// <summary>Takes a frame of the plan.</summary>
    public void Take(ReadOnlySpan<byte> content)
    {
        var reader = new WireReader(content);
        while (!reader.IsAtEnd)
        {
            var (first, count, action) = (reader.Int32(), reader.Int32(), (EntryAction)reader.Byte());
            var chunks = reader.Int32();
            if (first < _next || first > _actions.Length || count > _actions.Length - first || action > EntryAction.Compare)
            {
                throw WireReader.Broken();
            }

            // In their order, so that a plan costs no more than its entries, however often it names them.
            _next = first + count;
            _actions.AsSpan(first, count).Fill(action);
            for (var entry = first; entry < first + count; entry++)
            {
                BytesThere += BytesOf(manifest.Entries[entry], action, chunks);
            }
        }
    }

    /// <summary>Takes a frame of hashes.</summary>
    /// <param name="content">The frame's content.</param>
    /// <param name="chunksOf">How many chunks of an entry the receiver can have, at least and at most.</param>
    public void TakeHashes(ReadOnlySpan<byte> content, Func<int, (long Least, long Most)> chunksOf)
    {
        var reader = new WireReader(content);
        var (entry, first, total) = (reader.Int32(), reader.Int32(), reader.Int32());
        if (entry >= _actions.Length || _actions[entry] is not (EntryAction.Resume or EntryAction.Compare) || reader.Left % ChunkFrame.HashBytes != 0)
        {
            throw WireReader.Broken();
        }

        // Of a stream it has what was read, and what it confirmed is not kept here: more hashes would only fill our memory, fewer could not be gone on from.
        if (chunksOf(entry) is var (least, most) && (total < least || total > most))
        {
            throw WireReader.Broken();
        }

        var list = _lists.GetOrAdd(entry, static _ => new HashList());
        if (first != list.Hashes.Count || list.Hashes.Count + (reader.Left / ChunkFrame.HashBytes) > total || list.Complete.Task.IsCompleted)
        {
            throw WireReader.Broken();
        }

        while (!reader.IsAtEnd)
        {
            list.Hashes.Add(reader.Bytes(ChunkFrame.HashBytes).ToArray());
        }

        if (list.Hashes.Count == total)
        {
            list.Complete.TrySetResult(list.Hashes);
        }
    }

    // A stream has no size yet.
    private long BytesOf(ManifestEntry entry, EntryAction action, int chunks) => action switch
    {
        EntryAction.Skip => entry.Size,
        EntryAction.Resume when entry.Kind == EntryKind.Stream => (long)chunks * manifest.ChunkBytes,
        EntryAction.Resume => Math.Min(entry.Size, (long)chunks * manifest.ChunkBytes),
        _ => 0,
    };

    private sealed class HashList
    {
        public List<ReadOnlyMemory<byte>> Hashes { get; } = [];

        public TaskCompletionSource<IReadOnlyList<ReadOnlyMemory<byte>>> Complete { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
