using System.Globalization;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Formats;

/// <summary>Durations as people type them: <c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>24h</c>, <c>7d</c>.</summary>
public static class DurationText
{
    private static readonly (string Unit, TimeSpan One)[] _units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
    ];

    private static readonly TimeSpan _shortestWait = TimeSpan.FromMilliseconds(1);

    /// <summary>Longest wait that may be asked for: 30 days.</summary>
    public static TimeSpan LongestWait { get; } = TimeSpan.FromDays(30);

    /// <summary>Reads a duration: a number with up to three decimals and a unit.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static TimeSpan Parse(string text)
    {
        foreach (var (unit, one) in _units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) &&
                decimal.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) &&
                number * one.Ticks <= TimeSpan.MaxValue.Ticks)
            {
                return TimeSpan.FromTicks((long)(number * one.Ticks));
            }
        }

        throw new ParleyException(ErrorCode.InvalidArgument, "A duration is a number and ms, s, m, h or d, for example 90s.");
    }

    /// <summary>Reads how long something is waited for: 1ms to 30d.</summary>
    /// <remarks>Timers hold 49 days; a longer wait would fail when it begins, which may be long after it was typed.</remarks>
    /// <param name="text">As typed.</param>
    /// <param name="option">Where it was typed, for the error.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: no duration, or out of bounds.</exception>
    public static TimeSpan ParseWait(string text, string option) =>
        Parse(text) is var wait && wait >= _shortestWait && wait <= LongestWait
            ? wait
            : throw new ParleyException(ErrorCode.InvalidArgument, $"{option} is {Format(_shortestWait)} to {Format(LongestWait)}.");

    /// <summary>The shortest exact form, for example <c>90s</c> or <c>24h</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        foreach (var (unit, one) in Enumerable.Reverse(_units))
        {
            if (duration.Ticks != 0 && duration.Ticks % one.Ticks == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / one.Ticks}{unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalMilliseconds}ms");
    }
}
