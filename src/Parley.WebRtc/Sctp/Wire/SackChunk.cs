using System.Buffers.Binary;

namespace Parley.WebRtc.Sctp.Wire;

/// <summary>What the other end has received (RFC 9260, section 3.3.4).</summary>
/// <remarks>
/// Value, big endian: cumulative TSN (4) | window in bytes (4) | number of gap blocks (2) | number of duplicates (2) | blocks (2 x 2 each: first and last TSN
/// received, as offsets from the cumulative one) | duplicate TSNs (4 each).
/// </remarks>
internal readonly ref struct SackChunk
{
    /// <summary>Bytes of the value before the blocks.</summary>
    public const int FixedBytes = 12;

    /// <summary>Bytes of a block, and of a duplicate.</summary>
    public const int EntryBytes = 4;

    private readonly ReadOnlySpan<byte> _blocks;

    private SackChunk(uint cumulative, uint window, ReadOnlySpan<byte> blocks, int duplicates)
    {
        (Cumulative, Window, Duplicates) = (cumulative, window, duplicates);
        _blocks = blocks;
    }

    /// <summary>Everything up to this TSN was received.</summary>
    public uint Cumulative { get; }

    /// <summary>Bytes that the receiver has room for.</summary>
    public uint Window { get; }

    /// <summary>How many TSNs arrived more than once.</summary>
    public int Duplicates { get; }

    /// <summary>Number of blocks.</summary>
    public int Blocks => _blocks.Length / EntryBytes;

    /// <summary>A block's offsets from the cumulative TSN, both included.</summary>
    public (ushort First, ushort Last) Block(int index)
    {
        var entry = _blocks.Slice(index * EntryBytes, EntryBytes);
        return (BinaryPrimitives.ReadUInt16BigEndian(entry), BinaryPrimitives.ReadUInt16BigEndian(entry[2..]));
    }

    /// <summary>Reads the value of a SACK chunk.</summary>
    /// <returns>False when it is shorter than it says.</returns>
    public static bool TryRead(ReadOnlySpan<byte> value, out SackChunk chunk)
    {
        chunk = default;
        if (value.Length < FixedBytes)
        {
            return false;
        }

        var blocks = BinaryPrimitives.ReadUInt16BigEndian(value[8..]) * EntryBytes;
        var duplicates = BinaryPrimitives.ReadUInt16BigEndian(value[10..]);
        if (value.Length < FixedBytes + blocks + (duplicates * EntryBytes))
        {
            return false;
        }

        chunk = new SackChunk(
            BinaryPrimitives.ReadUInt32BigEndian(value), BinaryPrimitives.ReadUInt32BigEndian(value[4..]), value.Slice(FixedBytes, blocks), duplicates);
        return true;
    }

    /// <summary>Only what was received in order, as a SHUTDOWN says it.</summary>
    public static SackChunk OfCumulative(uint cumulative, uint window) => new(cumulative, window, default, 0);
}
