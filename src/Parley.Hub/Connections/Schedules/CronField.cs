using System.Globalization;
using Parley.Protocol.Errors;

namespace Parley.Hub.Connections.Schedules;

/// <summary>One of the five fields of a cron expression: the values that it means, as bits. Pure.</summary>
/// <param name="Bits">Bit n: the value n is meant.</param>
/// <param name="IsStar">Whether it begins with a star: it restricts nothing by itself, or only by a step.</param>
internal readonly record struct CronField(ulong Bits, bool IsStar)
{
    private static readonly string[] _months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] _days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    /// <summary>Minutes, 0 to 59.</summary>
    public static CronField Minute(string text) => Parse(text, "minute", 0, 59, []);

    /// <summary>Hours, 0 to 23.</summary>
    public static CronField Hour(string text) => Parse(text, "hour", 0, 23, []);

    /// <summary>Days of the month, 1 to 31.</summary>
    public static CronField Day(string text) => Parse(text, "day of the month", 1, 31, []);

    /// <summary>Months, 1 to 12 or their English names.</summary>
    public static CronField Month(string text) => Parse(text, "month", 1, 12, _months);

    /// <summary>Days of the week, 0 to 7 or their English names; 0 and 7 are Sunday.</summary>
    public static CronField Weekday(string text)
    {
        var field = Parse(text, "day of the week", 0, 7, _days);
        return field with { Bits = (field.Bits | (field.Bits >> 7)) & 0x7F };
    }

    /// <summary>Whether a value is meant.</summary>
    public bool Has(int value) => (Bits & (1UL << value)) != 0;

    private static CronField Parse(string text, string name, int least, int most, string[] names)
    {
        var bits = 0UL;
        foreach (var part in text.Split(','))
        {
            var (range, step) = part.Split('/') switch
            {
                [var only] => (only, 1),
                [var left, var right] when Number(right) is { } number && number is >= 1 and <= 59 => (left, number),
                _ => throw Bad(name),
            };
            var (from, to) = range.Split('-') switch
            {
                ["*"] => (least, most),
                [var one] when Value(one) is { } value => (value, part.Contains('/', StringComparison.Ordinal) ? most : value),
                [var first, var last] when Value(first) is { } low && Value(last) is { } high && low <= high => (low, high),
                _ => throw Bad(name),
            };
            for (var value = from; value <= to; value += step)
            {
                bits |= 1UL << value;
            }
        }

        return new CronField(bits, text[0] == '*');

        int? Value(string word) => Array.FindIndex(names, one => one.Equals(word, StringComparison.OrdinalIgnoreCase)) is >= 0 and var index ? index + least
            : Number(word) is { } number && number >= least && number <= most ? number : null;
    }

    private static int? Number(string text) => text.Length is 1 or 2 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static ParleyException Bad(string name) =>
        new(ErrorCode.InvalidArgument, $"The {name} of the cron expression cannot be read: it is *, a value, a range such as 1-5, a step such as */10, or a list of these.") { Field = "cron_expression" };
}
