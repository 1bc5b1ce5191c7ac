using System.Globalization;

namespace Parley.Protocol.Grpc;

/// <summary>The <c>grpc-timeout</c> request header: at most 8 digits and a unit of <c>H M S m u n</c>.</summary>
/// <remarks>gRPC over HTTP/2, "Timeout". Units: hours, minutes, seconds, milliseconds, microseconds, nanoseconds.</remarks>
public static class GrpcTimeout
{
    private const long MaxNumber = 99_999_999;

    private static readonly (char Unit, long Ticks)[] _units =
    [
        ('u', TimeSpan.TicksPerMicrosecond), ('m', TimeSpan.TicksPerMillisecond), ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute), ('H', TimeSpan.TicksPerHour),
    ];

    /// <summary>The header form, in the finest unit whose number fits; rounded up so that the far end never gives up first. Zero or less gives <c>1n</c>.</summary>
    public static string Format(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
        {
            return "1n";
        }

        foreach (var (unit, ticks) in _units)
        {
            var number = (timeout.Ticks / ticks) + (timeout.Ticks % ticks == 0 ? 0 : 1);
            if (number <= MaxNumber)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{number}{unit}");
            }
        }

        return "99999999H";
    }

    /// <summary>Reads a header; false when it breaks the rule. A time beyond what <see cref="TimeSpan"/> holds is its maximum.</summary>
    public static bool TryParse(string? text, out TimeSpan timeout)
    {
        timeout = default;
        if (text is not { Length: >= 2 and <= 9 } ||
            !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        if (text[^1] == 'n')
        {
            timeout = TimeSpan.FromTicks((number + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick);
            return true;
        }

        foreach (var (unit, ticks) in _units)
        {
            if (unit == text[^1])
            {
                timeout = TimeSpan.FromTicks(number > TimeSpan.MaxValue.Ticks / ticks ? TimeSpan.MaxValue.Ticks : number * ticks);
                return true;
            }
        }

        return false;
    }
}
