using System.Globalization;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Formats;

/// <summary>Sizes as people type them: <c>512</c>, <c>64KiB</c>, <c>1MiB</c>, <c>2GiB</c>.</summary>
public static class SizeText
{
    private static readonly (string Unit, long One)[] _units = [("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("B", 1), (string.Empty, 1)];

    /// <summary>Reads a size in bytes.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static long Parse(string text)
    {
        foreach (var (unit, one) in _units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) &&
                long.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) &&
                number <= long.MaxValue / one)
            {
                return number * one;
            }
        }

        throw new ParleyException(ErrorCode.InvalidArgument, "A size is a whole number of bytes, or with KiB, MiB, GiB or TiB, for example 64KiB.");
    }

    /// <summary>A short form for people, for example <c>1.5 MiB</c>.</summary>
    public static string Format(long bytes)
    {
        foreach (var (unit, one) in _units)
        {
            if (one > 1 && bytes >= one)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / one:0.#} {unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
    }
}
