using System.Numerics;

namespace Parley.Client.Load;

/// <summary>Counts durations in log-linear buckets: any percentile of millions of values within 1 %, in a fixed 58 KiB.</summary>
/// <remarks>Each power of two is cut into 128 equal buckets, so a bucket is at most 1/128 of its value wide. Not safe for concurrent use: one per thread, then <see cref="Add(Histogram)"/>.</remarks>
public sealed class Histogram
{
    private const int SubBits = 7;
    private const int SubBuckets = 1 << SubBits;

    private readonly long[] _counts = new long[(64 - SubBits) * SubBuckets];

    /// <summary>Values recorded.</summary>
    public long Count { get; private set; }

    /// <summary>Largest value recorded, exact; 0 when there is none.</summary>
    public long Max { get; private set; }

    /// <summary>Records one value; negative ones count as 0.</summary>
    public void Record(long value)
    {
        value = Math.Max(0, value);
        _counts[IndexOf(value)]++;
        Count++;
        Max = Math.Max(Max, value);
    }

    /// <summary>Takes over the counts of another histogram.</summary>
    public void Add(Histogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>The value that the given share of all values does not exceed: the upper end of its bucket, never above <see cref="Max"/>.</summary>
    /// <param name="percent">0 to 100.</param>
    public long Percentile(double percent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(percent, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        var wanted = Math.Max(1, (long)Math.Ceiling(Count * percent / 100));
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                return Math.Min(UpperEnd(i), Max);
            }
        }

        return 0;
    }

    // Below 2 * SubBuckets a bucket holds one value; above, each doubling of the value shifts one more bit away.
    private static int IndexOf(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - SubBits);
        return (shift * SubBuckets) + (int)(value >> shift);
    }

    private static long UpperEnd(int index)
    {
        var shift = Math.Max(0, (index / SubBuckets) - 1);
        var lower = (long)(index - (shift * SubBuckets)) << shift;
        return lower + (1L << shift) - 1;
    }
}
