using System.Buffers.Binary;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp.Receiving;

/// <summary>Which TSNs have arrived, and the SACK that says so.</summary>
/// <remarks>Never takes back what it acknowledged.</remarks>
internal sealed class ReceivedTsns
{
    private const int MaxDuplicates = 16;

    private readonly TsnBitmap _beyond = new();
    private readonly uint[] _duplicates = new uint[MaxDuplicates];
    private uint _highest;
    private int _duplicateCount;

    /// <summary>Everything up to this TSN has arrived, or is not waited for.</summary>
    public uint Cumulative { get; private set; }

    /// <summary>Something is missing below something that arrived.</summary>
    public bool HasGap => _highest != Cumulative;

    /// <summary>Begins before a TSN.</summary>
    public void Start(uint first)
    {
        _beyond.Clear();
        (Cumulative, _highest, _duplicateCount) = (first - 1, first - 1, 0);
    }

    /// <summary>Whether a TSN is new, and near enough to be taken. A known one is noted as a duplicate.</summary>
    public bool IsNew(uint tsn)
    {
        if (!SerialNumber.IsAfter(tsn, Cumulative) || Has(tsn))
        {
            if (_duplicateCount < MaxDuplicates)
            {
                _duplicates[_duplicateCount++] = tsn;
            }

            return false;
        }

        return tsn - Cumulative < TsnBitmap.Span;
    }

    /// <summary>Whether a TSN beyond the cumulative one has arrived.</summary>
    public bool Has(uint tsn) => SerialNumber.IsAfter(tsn, Cumulative) && !SerialNumber.IsAfter(tsn, _highest) && _beyond.Contains(tsn);

    /// <summary>A TSN arrived beyond the next one.</summary>
    public void Add(uint tsn)
    {
        _beyond.Add(tsn);
        _highest = SerialNumber.Later(_highest, tsn);
    }

    /// <summary>The next TSN is there.</summary>
    public void Advance()
    {
        Cumulative++;
        if (Cumulative == _highest + 1)
        {
            _highest = Cumulative;
        }
        else
        {
            _beyond.Remove(Cumulative);
        }
    }

    /// <summary>Nothing up to a TSN is waited for any more.</summary>
    public void Skip(uint tsn)
    {
        if (SerialNumber.IsAfter(tsn, _highest))
        {
            _beyond.Clear();
            (Cumulative, _highest) = (tsn, tsn);
            return;
        }

        while (Cumulative != tsn)
        {
            Advance();
        }
    }

    /// <summary>Writes a SACK, with as many blocks as fit into a quarter of what is left of a packet, or a few if that is little. There is room for one without any.</summary>
    public void Write(ref PacketWriter writer, uint window)
    {
        Span<byte> value = stackalloc byte[SackChunk.FixedBytes + (256 * SackChunk.EntryBytes)];
        var limit = Math.Min(Math.Min(value.Length, writer.Room - ChunkReader.HeaderBytes), Math.Max(64, (writer.Room / 4) & ~3));
        var (length, blocks) = (SackChunk.FixedBytes, 0);
        var end = _highest + 1;
        for (var from = _beyond.NextSet(Cumulative + 1, end); from != end && length + SackChunk.EntryBytes <= limit; blocks++)
        {
            var to = _beyond.NextClear(from, end);
            BinaryPrimitives.WriteUInt16BigEndian(value[length..], (ushort)(from - Cumulative));
            BinaryPrimitives.WriteUInt16BigEndian(value[(length + 2)..], (ushort)(to - 1 - Cumulative));
            length += SackChunk.EntryBytes;
            from = _beyond.NextSet(to, end);
        }

        var duplicates = Math.Min(_duplicateCount, (limit - length) / SackChunk.EntryBytes);
        for (var i = 0; i < duplicates; i++, length += SackChunk.EntryBytes)
        {
            BinaryPrimitives.WriteUInt32BigEndian(value[length..], _duplicates[i]);
        }

        _duplicateCount = 0;
        BinaryPrimitives.WriteUInt32BigEndian(value, Cumulative);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], window);
        BinaryPrimitives.WriteUInt16BigEndian(value[8..], (ushort)blocks);
        BinaryPrimitives.WriteUInt16BigEndian(value[10..], (ushort)duplicates);
        value[..length].CopyTo(writer.Add(ChunkType.Sack, 0, length));
    }
}
