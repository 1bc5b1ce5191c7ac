using Parley.Protocol.Errors;

namespace Parley.Protocol.Identity;

/// <summary>The rules for labels: at most 32, keys <c>[a-z0-9][a-z0-9._/-]{0,62}</c>, values up to 63 printable ASCII characters without comma, equals sign and space.</summary>
public static class Labels
{
    /// <summary>Most labels of one agent.</summary>
    public const int MaxCount = 32;

    /// <summary>Reads <c>k=v,k=v</c>; empty text is no labels.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static SortedDictionary<string, string> Parse(string? text)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in (text ?? string.Empty).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !labels.TryAdd(part[..equals].TrimEnd(), part[(equals + 1)..].TrimStart()))
            {
                throw new ParleyException(ErrorCode.InvalidArgument, "Labels are k=v, several joined by commas, each key once.");
            }
        }

        Check(labels);
        return labels;
    }

    /// <summary>Refuses labels that break the rules.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static void Check(IReadOnlyDictionary<string, string> labels)
    {
        if (labels.Count > MaxCount || labels.Any(label => !IsValidKey(label.Key) || !IsValidValue(label.Value)))
        {
            throw new ParleyException(
                ErrorCode.InvalidArgument,
                $"At most {MaxCount} labels; keys are a-z, 0-9, '.', '_', '/', '-', values up to 63 printable characters without ',', '=' and space.");
        }
    }

    internal static bool IsValidKey(string key) =>
        key.Length is > 0 and <= 63 && char.IsAsciiLetterOrDigit(key[0]) &&
        key.All(character => character is >= 'a' and <= 'z' or >= '0' and <= '9' or '.' or '_' or '/' or '-');

    internal static bool IsValidValue(string value) =>
        value.Length <= 63 && value.All(character => character is > ' ' and < '\u007f' and not (',' or '='));
}
