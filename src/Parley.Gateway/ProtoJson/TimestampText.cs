using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Parley.Gateway.ProtoJson;

/// <summary>Timestamps as ProtoJSON has them: RFC 3339.</summary>
/// <remarks>Out always UTC with <c>Z</c>, and 3 digits of a second; 6 or 9 where the time is finer. In with any offset and up to 9 digits.</remarks>
internal static class TimestampText
{
    private const int WholeLength = 19; // 2026-01-02T03:04:05
    private const int MaxDigits = 9;
    private const int NanosPerMilli = 1_000_000;
    private const int NanosPerMicro = 1_000;

    private static readonly long _first = Seconds(DateTimeOffset.MinValue);
    private static readonly long _last = Seconds(DateTimeOffset.MaxValue);

    /// <summary>The text; null for a time outside of the years 1 to 9999, which JSON cannot say.</summary>
    public static string? Format(Timestamp time)
    {
        if (time.Seconds < _first || time.Seconds > _last || time.Nanos is < 0 or >= 1_000_000_000)
        {
            return null;
        }

        var whole = DateTimeOffset.FromUnixTimeSeconds(time.Seconds).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        var fraction =
            time.Nanos % NanosPerMilli == 0 ? (time.Nanos / NanosPerMilli).ToString("D3") :
            time.Nanos % NanosPerMicro == 0 ? (time.Nanos / NanosPerMicro).ToString("D6") :
            time.Nanos.ToString("D9");
        return $"{whole}.{fraction}Z";
    }

    /// <summary>Reads a text; false where it is no RFC 3339 time.</summary>
    public static bool TryParse(string text, out Timestamp time)
    {
        time = new Timestamp();
        if (text.Length <= WholeLength || text[10] is not ('T' or 't' or ' '))
        {
            return false;
        }

        var rest = text.AsSpan(WholeLength);
        if (!TryFraction(ref rest, out var nanos) || !TryOffset(rest, out var offset) ||
            !DateTime.TryParseExact(
                string.Concat(text.AsSpan(0, 10), "T", text.AsSpan(11, WholeLength - 11)), "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var whole))
        {
            return false;
        }

        var seconds = Seconds(new DateTimeOffset(whole, TimeSpan.Zero)) - (long)offset.TotalSeconds;
        time.Seconds = seconds;
        time.Nanos = nanos;
        return seconds >= _first && seconds <= _last;
    }

    private static bool TryFraction(ref ReadOnlySpan<char> rest, out int nanos)
    {
        nanos = 0;
        if (rest[0] != '.')
        {
            return true;
        }

        var digits = rest[1..].IndexOfAnyExceptInRange('0', '9');
        if (digits is < 1 or > MaxDigits)
        {
            return false;
        }

        nanos = int.Parse(rest.Slice(1, digits), CultureInfo.InvariantCulture);
        for (var missing = MaxDigits - digits; missing > 0; missing--)
        {
            nanos *= 10;
        }

        rest = rest[(1 + digits)..];
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = default;
        if (text is "Z" or "z")
        {
            return true;
        }

        if (text.Length != 6 || text[0] is not ('+' or '-') || !TimeSpan.TryParseExact(text[1..], @"hh\:mm", CultureInfo.InvariantCulture, out offset))
        {
            return false;
        }

        offset = text[0] == '-' ? -offset : offset;
        return true;
    }

    private static long Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds();
}
