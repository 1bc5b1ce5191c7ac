using System.Globalization;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;

namespace Parley.Hub;

/// <summary>What a limit counts, and so how its value is typed.</summary>
internal enum LimitKind
{
    /// <summary>A whole number.</summary>
    Count,

    /// <summary>Bytes: <c>64KiB</c>, <c>1MiB</c>.</summary>
    Size,

    /// <summary>Milliseconds: <c>500ms</c>, <c>30s</c>, <c>24h</c>.</summary>
    Duration,
}

/// <summary>One limit of the hub: its name on the command line, what it bounds, and its own bounds.</summary>
/// <param name="Name">As in <c>--limit NAME=VALUE</c>.</param>
/// <param name="Kind">What it counts.</param>
/// <param name="Min">Smallest value; a duration in milliseconds.</param>
/// <param name="Max">Largest value.</param>
/// <param name="Description">What it bounds, for the documentation.</param>
/// <param name="Read">Its value in the options.</param>
/// <param name="Write">Puts a value into the options.</param>
internal sealed record HubLimit(
    string Name, LimitKind Kind, long Min, long Max, string Description, Func<HubOptions, long> Read, Action<HubOptions, long> Write)
{
    // Longest units first, so that a value is written in the fewest digits that are exact.
    private static readonly (string Unit, long One)[] _sizes = [("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("B", 1)];

    /// <summary>The range as people read it.</summary>
    public string Range => $"{Format(Min)} to {Format(Max)}";

    /// <summary>A value as it is typed.</summary>
    public string Format(long value) => Kind switch
    {
        LimitKind.Duration => value == 0 ? "0s" : DurationText.Format(TimeSpan.FromMilliseconds(value)),
        LimitKind.Size when value > 0 => FormatSize(value),
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Reads a value as it is typed; its range is <see cref="Check"/>'s business.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public long Parse(string text)
    {
        try
        {
            return Kind switch
            {
                LimitKind.Duration => (long)DurationText.Parse(text).TotalMilliseconds,
                LimitKind.Size => SizeText.Parse(text),
                _ => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture),
            };
        }
        catch (Exception exception) when (exception is ParleyException or FormatException or OverflowException)
        {
            throw Wrong(text);
        }
    }

    /// <summary>Refuses options whose value is outside the range.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, naming the limit, the value and the range.</exception>
    public void Check(HubOptions options)
    {
        var value = Read(options);
        if (value < Min || value > Max)
        {
            throw Wrong(Format(value));
        }
    }

    private ParleyException Wrong(string value) => new(ErrorCode.InvalidArgument, $"The limit {Name} is {value}, but must be {Range}.");

    private static string FormatSize(long value)
    {
        var (unit, one) = Array.Find(_sizes, size => value % size.One == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{value / one}{unit}");
    }
}
