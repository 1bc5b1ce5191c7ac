using System.Globalization;
using System.Text.Json;

namespace Parley.Hub.Connections.Filters;

/// <summary>A JSON value that is neither object nor array, in a form in which equal values are equal: strings by their characters, numbers by their value, and no string equals a number.</summary>
/// <param name="Kind">s text, n number, b truth value, z null.</param>
/// <param name="Text">The value.</param>
internal readonly record struct Scalar(char Kind, string Text)
{
    /// <summary>The scalar of a value; null for objects and arrays.</summary>
    public static Scalar? Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new Scalar('s', value.GetString()!),
        JsonValueKind.Number => new Scalar('n', Canonical(value)),
        JsonValueKind.True => new Scalar('b', "true"),
        JsonValueKind.False => new Scalar('b', "false"),
        JsonValueKind.Null => new Scalar('z', "null"),
        _ => null,
    };

    /// <inheritdoc/>
    public override string ToString() => Kind == 's' ? $"\"{Text}\"" : Text;

    // 5, 5.0 and 5e0 are one number. What a decimal cannot hold is compared as a double.
    private static string Canonical(JsonElement value) => value.TryGetDecimal(out var exact)
        ? (exact / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture)
        : value.GetDouble().ToString("R", CultureInfo.InvariantCulture);
}
