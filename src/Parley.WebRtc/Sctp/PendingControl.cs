using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp;

/// <summary>Control chunks that wait for the next packet. Few, since a stranger's packets cause them: what comes beyond is dropped, and asked for again.</summary>
internal sealed class PendingControl
{
    private const int MaxChunks = 16;

    private readonly Queue<Entry> _entries = new();

    /// <summary>Nothing waits.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Appends a whole chunk for a packet to the peer.</summary>
    public void Add(byte[] chunk) => Add(new Entry(chunk, null));

    /// <summary>Appends a chunk that goes in a packet of its own, with another verification tag.</summary>
    public void AddAlone(byte[] chunk, uint tag) => Add(new Entry(chunk, tag));

    /// <summary>Forgets all.</summary>
    public void Clear() => _entries.Clear();

    /// <summary>The next chunk, if it goes alone.</summary>
    public bool TryTakeAlone(out byte[] chunk, out uint tag)
    {
        (chunk, tag) = ([], 0);
        if (!_entries.TryPeek(out var next) || next.Tag is not { } own)
        {
            return false;
        }

        _entries.Dequeue();
        (chunk, tag) = (next.Chunk, own);
        return true;
    }

    /// <summary>Writes what fits.</summary>
    public void Write(ref PacketWriter writer)
    {
        while (_entries.TryPeek(out var next) && next.Tag is null && (writer.IsEmpty || ChunkReader.Padded(next.Chunk.Length) <= writer.Room))
        {
            _entries.Dequeue();
            if (ChunkReader.Padded(next.Chunk.Length) <= writer.Capacity)
            {
                writer.Add(next.Chunk);
            }
        }
    }

    private void Add(Entry entry)
    {
        if (_entries.Count < MaxChunks)
        {
            _entries.Enqueue(entry);
        }
    }

    private readonly record struct Entry(byte[] Chunk, uint? Tag);
}
