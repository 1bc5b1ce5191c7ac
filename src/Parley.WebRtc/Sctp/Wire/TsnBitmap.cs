using System.Numerics;

namespace Parley.WebRtc.Sctp.Wire;

/// <summary>A set of TSNs within one stretch of 65,536: as far ahead as the 16-bit offsets of a SACK can say.</summary>
/// <remarks>One bit a TSN in a ring, 8 KiB. Runs are found 64 at a time.</remarks>
internal sealed class TsnBitmap
{
    /// <summary>TSNs of a stretch.</summary>
    public const int Span = 65_536;

    private readonly ulong[] _words = new ulong[Span / 64];

    /// <summary>Whether the TSN is in the set.</summary>
    public bool Contains(uint tsn) => (_words[Word(tsn)] & Mask(tsn)) != 0;

    /// <summary>Puts a TSN in.</summary>
    public void Add(uint tsn) => _words[Word(tsn)] |= Mask(tsn);

    /// <summary>Takes a TSN out.</summary>
    public void Remove(uint tsn) => _words[Word(tsn)] &= ~Mask(tsn);

    /// <summary>Empties the set.</summary>
    public void Clear() => Array.Clear(_words);

    /// <summary>The first TSN in [from, end) that is in the set, or the end.</summary>
    public uint NextSet(uint from, uint end) => Next(from, end, 0);

    /// <summary>The first TSN in [from, end) that is not in the set, or the end.</summary>
    public uint NextClear(uint from, uint end) => Next(from, end, ulong.MaxValue);

    private uint Next(uint from, uint end, ulong flip)
    {
        while (SerialNumber.IsAfter(end, from))
        {
            var bits = (_words[Word(from)] ^ flip) >> (int)(from & 63);
            if (bits != 0)
            {
                var found = from + (uint)BitOperations.TrailingZeroCount(bits);
                return SerialNumber.IsAfter(end, found) ? found : end;
            }

            from = (from | 63) + 1;
        }

        return end;
    }

    private static int Word(uint tsn) => (int)((tsn & (Span - 1)) >> 6);

    private static ulong Mask(uint tsn) => 1UL << (int)(tsn & 63);
}
