using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp.Sending;

/// <summary>All chunks between the oldest unacknowledged TSN and the next one, in a ring, with two lists through it: those in flight by time, those lost.</summary>
/// <remarks>Finding the oldest in flight, moving a chunk between the lists and taking one out cost the same whatever is outstanding.</remarks>
internal sealed class OutstandingChunks
{
    /// <summary>Most chunks at a time: their offsets must fit into the 16 bits of a SACK.</summary>
    public const int MaxCount = TsnBitmap.Span - 512;

    private OutstandingChunk[] _ring = new OutstandingChunk[64];
    private List _inFlight;
    private List _lost;

    /// <summary>The oldest TSN that is not acknowledged in order.</summary>
    public uint First { get; private set; }

    /// <summary>The TSN of the next new chunk.</summary>
    public uint Next { get; private set; }

    /// <summary>Chunks between them.</summary>
    public int Count => (int)(Next - First);

    /// <summary>Bytes sent of which nothing is known.</summary>
    public long InFlightBytes { get; private set; }

    /// <summary>Bytes to be sent again.</summary>
    public long LostBytes { get; private set; }

    /// <summary>The chunk that has been in flight longest.</summary>
    public uint? OldestInFlight => _inFlight.Count > 0 ? _inFlight.Head : null;

    /// <summary>The chunk sent last.</summary>
    public uint? NewestInFlight => _inFlight.Count > 0 ? _inFlight.Tail : null;

    /// <summary>The chunk to be sent again first.</summary>
    public uint? FirstLost => _lost.Count > 0 ? _lost.Head : null;

    /// <summary>Begins at a TSN, with nothing outstanding.</summary>
    public void Reset(uint next)
    {
        (First, Next, InFlightBytes, LostBytes, _inFlight, _lost) = (next, next, 0, 0, default, default);
        Array.Clear(_ring);
    }

    /// <summary>The chunk of an outstanding TSN.</summary>
    public ref OutstandingChunk At(uint tsn) => ref _ring[tsn & (_ring.Length - 1)];

    /// <summary>Whether a TSN is outstanding.</summary>
    public bool Contains(uint tsn) => tsn - First < (uint)Count;

    /// <summary>Appends a chunk that is being sent the first time.</summary>
    /// <returns>Its TSN.</returns>
    public uint Add(in OutstandingChunk chunk)
    {
        if (Count == _ring.Length)
        {
            Grow();
        }

        var tsn = Next++;
        At(tsn) = chunk;
        InFlightBytes += chunk.Length;
        Append(ref _inFlight, tsn);
        return tsn;
    }

    /// <summary>A lost chunk is being sent again.</summary>
    public void MarkSent(uint tsn, long packet, TimeSpan now)
    {
        ref var chunk = ref At(tsn);
        Unlink(ref chunk, tsn);
        chunk.Retransmits++;
        (chunk.Fate, chunk.Packet, chunk.SentAt) = (ChunkFate.InFlight, packet, now);
        InFlightBytes += chunk.Length;
        Append(ref _inFlight, tsn);
    }

    /// <summary>A chunk is to be sent again.</summary>
    public void MarkLost(uint tsn)
    {
        ref var chunk = ref At(tsn);
        Unlink(ref chunk, tsn);
        chunk.Fate = ChunkFate.Lost;
        LostBytes += chunk.Length;
        Append(ref _lost, tsn);
    }

    /// <summary>A chunk was received, or is not to be sent again.</summary>
    public void MarkDone(uint tsn, ChunkFate fate)
    {
        ref var chunk = ref At(tsn);
        Unlink(ref chunk, tsn);
        chunk.Fate = fate;
    }

    /// <summary>Takes the oldest chunk out.</summary>
    /// <returns>Its message.</returns>
    public OutgoingMessage RemoveFirst()
    {
        ref var chunk = ref At(First);
        Unlink(ref chunk, First);
        var message = chunk.Message;
        chunk.Message = null!;
        First++;
        return message;
    }

    private void Append(ref List list, uint tsn)
    {
        if (list.Count++ == 0)
        {
            list.Head = tsn;
        }
        else
        {
            At(list.Tail).Next = tsn;
            At(tsn).Previous = list.Tail;
        }

        list.Tail = tsn;
    }

    private void Unlink(ref OutstandingChunk chunk, uint tsn)
    {
        switch (chunk.Fate)
        {
            case ChunkFate.InFlight:
                InFlightBytes -= chunk.Length;
                Unlink(ref _inFlight, in chunk, tsn);
                break;
            case ChunkFate.Lost:
                LostBytes -= chunk.Length;
                Unlink(ref _lost, in chunk, tsn);
                break;
            default:
                break;
        }
    }

    private void Unlink(ref List list, in OutstandingChunk chunk, uint tsn)
    {
        if (list.Head == tsn)
        {
            list.Head = chunk.Next;
        }
        else
        {
            At(chunk.Previous).Next = chunk.Next;
        }

        if (list.Tail == tsn)
        {
            list.Tail = chunk.Previous;
        }
        else
        {
            At(chunk.Next).Previous = chunk.Previous;
        }

        list.Count--;
    }

    private void Grow()
    {
        var larger = new OutstandingChunk[_ring.Length * 2];
        for (var tsn = First; tsn != Next; tsn++)
        {
            larger[tsn & (larger.Length - 1)] = At(tsn);
        }

        _ring = larger;
    }

    private struct List
    {
        public uint Head;
        public uint Tail;
        public int Count;
    }
}
