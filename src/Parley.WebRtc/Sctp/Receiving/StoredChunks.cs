using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp.Receiving;

/// <summary>Fragments that came before their turn, in a ring by TSN, joined into runs so that a whole message shows as soon as its last piece is there.</summary>
internal sealed class StoredChunks(BufferPool pool)
{
    private StoredChunk[] _ring = new StoredChunk[64];
    private uint _lowest;

    /// <summary>How many are stored.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of their contents.</summary>
    public long Bytes { get; private set; }

    /// <summary>The chunk of a TSN within the stretch that is stored; its buffer is null when there is none.</summary>
    public ref StoredChunk At(uint tsn) => ref _ring[tsn & (_ring.Length - 1)];

    /// <summary>Stores a chunk and joins it with its neighbours.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="cumulative">Nothing is stored up to here.</param>
    /// <returns>First and last TSN of its message when that is whole now, else null.</returns>
    public (uint First, uint Last)? Add(in DataChunk chunk, uint cumulative)
    {
        _lowest = cumulative + 1;
        while (chunk.Tsn - _lowest >= _ring.Length)
        {
            Grow();
        }

        var buffer = pool.Rent(chunk.Content.Length);
        chunk.Content.CopyTo(buffer);
        ref var stored = ref At(chunk.Tsn);
        stored = new StoredChunk
        {
            Buffer = buffer,
            Length = chunk.Content.Length,
            Flags = chunk.Flags,
            Stream = chunk.Stream,
            Ssn = chunk.Ssn,
            ProtocolId = chunk.ProtocolId,
            OtherEnd = chunk.Tsn,
        };
        (Count, Bytes) = (Count + 1, Bytes + stored.Length);
        return Join(chunk.Tsn, in stored);
    }

    /// <summary>Forgets a chunk; the run that it was part of is no longer to be asked for.</summary>
    public void Remove(uint tsn)
    {
        ref var stored = ref At(tsn);
        if (stored.Buffer is { } buffer)
        {
            (Count, Bytes) = (Count - 1, Bytes - stored.Length);
            stored.Buffer = null;
            pool.Return(buffer);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        for (var i = 0; i < _ring.Length && Count > 0; i++)
        {
            Remove((uint)i);
        }
    }

    private (uint First, uint Last)? Join(uint tsn, in StoredChunk stored)
    {
        var (first, last) = (tsn, tsn);
        if ((stored.Flags & DataChunk.Begin) == 0 && tsn != _lowest && Continues(in At(tsn - 1), in stored))
        {
            first = At(tsn - 1).OtherEnd;
        }

        if ((stored.Flags & DataChunk.End) == 0 && tsn - _lowest + 1 < _ring.Length && Continues(in stored, in At(tsn + 1)))
        {
            last = At(tsn + 1).OtherEnd;
        }

        At(first).OtherEnd = last;
        At(last).OtherEnd = first;
        return (At(first).Flags & DataChunk.Begin) != 0 && (At(last).Flags & DataChunk.End) != 0 ? (first, last) : null;
    }

    private static bool Continues(in StoredChunk before, in StoredChunk after) =>
        before.Buffer is not null && after.Buffer is not null && (before.Flags & DataChunk.End) == 0 && (after.Flags & DataChunk.Begin) == 0
        && before.Stream == after.Stream && ((before.Flags ^ after.Flags) & DataChunk.Unordered) == 0 && (before.Ssn == after.Ssn || (before.Flags & DataChunk.Unordered) != 0);

    private void Grow()
    {
        var larger = new StoredChunk[_ring.Length * 2];
        for (var i = 0u; i < _ring.Length; i++)
        {
            var tsn = _lowest + i;
            larger[tsn & (larger.Length - 1)] = At(tsn);
        }

        _ring = larger;
    }
}
