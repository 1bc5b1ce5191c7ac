using System.Globalization;
using System.Text;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Cards;

/// <summary>The one form of a JSON text that signatures cover: RFC 8785.</summary>
/// <remarks>No white space, members in the order of their names' UTF-16 units, numbers as ECMAScript prints them, only what must be escaped escaped.</remarks>
public static class CanonicalJson
{
    private const int FirstPrintable = 0x20;

    /// <summary>Writes a value in that form.</summary>
    /// <param name="value">The value.</param>
    /// <param name="dropEmpty">True leaves out members that are empty texts, arrays or objects, and objects that become so: what other implementations sign.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> for a member that stands twice, or a number that is no double.</exception>
    public static byte[] Write(JsonElement value, bool dropEmpty = false)
    {
        var text = new StringBuilder();
        Append(text, value, dropEmpty);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Append(StringBuilder text, JsonElement value, bool dropEmpty)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                AppendObject(text, value, dropEmpty);
                break;
            case JsonValueKind.Array:
                AppendArray(text, value, dropEmpty);
                break;
            case JsonValueKind.String:
                AppendString(text, value.GetString()!);
                break;
            case JsonValueKind.Number:
                text.Append(value.TryGetDouble(out var number) && double.IsFinite(number) ? NumberText(number) : throw Refusal("A number is too large."));
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void AppendObject(StringBuilder text, JsonElement value, bool dropEmpty)
    {
        text.Append('{');
        var last = default(string);
        foreach (var member in value.EnumerateObject().Where(member => !dropEmpty || !IsEmpty(member.Value)).OrderBy(member => member.Name, StringComparer.Ordinal))
        {
            text.Append(last is null ? string.Empty : ",");
            last = member.Name == last ? throw Refusal("A member stands twice.") : member.Name;
            AppendString(text, member.Name);
            text.Append(':');
            Append(text, member.Value, dropEmpty);
        }

        text.Append('}');
    }

    private static void AppendArray(StringBuilder text, JsonElement value, bool dropEmpty)
    {
        text.Append('[');
        var isFirst = true;
        foreach (var item in value.EnumerateArray().Where(item => !dropEmpty || !IsEmpty(item)))
        {
            text.Append(isFirst ? string.Empty : ",");
            isFirst = false;
            Append(text, item, dropEmpty);
        }

        text.Append(']');
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!.Length == 0,
        JsonValueKind.Array => value.EnumerateArray().All(IsEmpty),
        JsonValueKind.Object => value.EnumerateObject().All(member => IsEmpty(member.Value)),
        JsonValueKind.Null => true,
        _ => false,
    };

    private static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var letter in value)
        {
            _ = letter switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append(@"\\"),
                '\b' => text.Append("\\b"),
                '\t' => text.Append("\\t"),
                '\n' => text.Append("\\n"),
                '\f' => text.Append("\\f"),
                '\r' => text.Append("\\r"),
                < (char)FirstPrintable => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                _ => text.Append(letter),
            };
        }

        text.Append('"');
    }

    // The shortest digits are the same everywhere; where the point and the exponent go is ECMAScript's (Number::toString).
    private static string NumberText(double number)
    {
        if (number == 0)
        {
            return "0";
        }

        var sign = number < 0 ? "-" : string.Empty;
        var parts = Math.Abs(number).ToString("E16", CultureInfo.InvariantCulture).Split('E');
        var shortest = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        var digits = string.Concat(shortest.Split('E')[0].Where(char.IsAsciiDigit)).TrimStart('0').TrimEnd('0');
        var point = PointOf(shortest, int.Parse(parts[1], CultureInfo.InvariantCulture) + 1);
        var count = digits.Length;
        return sign + (point switch
        {
            > 0 and <= 21 when count <= point => digits.PadRight(point, '0'),
            > 0 and <= 21 => digits[..point] + "." + digits[point..],
            > -6 and <= 0 => "0." + new string('0', -point) + digits,
            _ => digits[..1] + (count > 1 ? "." + digits[1..] : string.Empty) + "e" + (point > 0 ? "+" : "-") + Math.Abs(point - 1).ToString(CultureInfo.InvariantCulture),
        });
    }

    // Sixteen decimals may round up into the next power of ten where the shortest form does not, so an exponent is taken from the latter if it has one.
    private static int PointOf(string shortest, int rounded)
    {
        var exponent = shortest.IndexOf('E');
        if (exponent >= 0)
        {
            return int.Parse(shortest.AsSpan(exponent + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) + 1;
        }

        var whole = shortest.Split('.')[0].TrimStart('0');
        return whole.Length > 0 ? whole.Length : rounded;
    }

    private static ParleyException Refusal(string why) => new(ErrorCode.InvalidArgument, why);
}
