using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Paths;

/// <summary>The rules for names that travel: what one end sends must be a harmless name at the other, whatever system that has. Both ends apply them; the receiver refuses a whole manifest for one name.</summary>
/// <remarks>
/// A path is UTF-8 in normalization form C, relative, its parts joined by <c>/</c>. A part is not empty, <c>.</c> or <c>..</c>, at most 255 bytes, has no control, format, private, unassigned or
/// surrogate character, no line or paragraph separator, none of <c>\ : * ? " &lt; &gt; |</c>, no <c>.</c> or space at its end, no space at its start, and is no device of Windows, whatever its
/// extension. Names of our own temporary files are refused too.
/// </remarks>
internal static class SafePath
{
    /// <summary>Longest part, in bytes: what every common file system takes.</summary>
    public const int MaxPartBytes = 255;

    /// <summary>How names of partial files begin.</summary>
    public const string PartialPrefix = ".parley-";

    private static readonly FrozenSet<string> _devices = FrozenSet.ToFrozenSet(
        ["CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$",
        .. "0123456789\u00b9\u00b2\u00b3".SelectMany(static digit => (string[])["COM" + digit, "LPT" + digit])],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Why a path may not travel; null when it may.</summary>
    public static string? Refuse(string path, TransferLimits limits)
    {
        if (Encoding.UTF8.GetByteCount(path) > limits.MaxPathBytes)
        {
            return "is too long";
        }

        var depth = 0;
        foreach (var range in path.AsSpan().Split('/'))
        {
            if (RefusePart(path.AsSpan()[range]) is { } reason)
            {
                return reason;
            }

            if (++depth > limits.MaxDepth)
            {
                return "lies too deep";
            }
        }

        return Nfc.Of(path) == path ? null : "is not in normalization form C";
    }

    /// <summary>Checks a path that came from the other end.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.TransferPath"/>; the message has no part of the name.</exception>
    public static void Check(string path, int entry, TransferLimits limits)
    {
        if (Refuse(path, limits) is { } reason)
        {
            throw new ParleyException(ErrorCode.TransferPath, $"The name of entry {entry} {reason}.");
        }
    }

    private static string? RefusePart(ReadOnlySpan<char> part)
    {
        if (part.IsEmpty)
        {
            return "is absolute, or has an empty part";
        }

        if (part is "." or "..")
        {
            return "climbs";
        }

        if (part[^1] is '.' or ' ' || part[0] == ' ')
        {
            return "has a part that ends in a dot or a space, or begins with a space";
        }

        if (Encoding.UTF8.GetByteCount(part) > MaxPartBytes)
        {
            return "has a part of more than 255 bytes";
        }

        return RefuseCharacters(part) ?? (IsDevice(part) ? "is a device on Windows" :
            part.StartsWith(PartialPrefix, StringComparison.OrdinalIgnoreCase) ? "is one of our own partial files" : null);
    }

    private static string? RefuseCharacters(ReadOnlySpan<char> part)
    {
        while (!part.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(part, out var rune, out var used) != System.Buffers.OperationStatus.Done)
            {
                return "is not Unicode";
            }

            if (rune.Value is '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|')
            {
                return "has a character that some systems give a meaning";
            }

            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or
                UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                return "has a character that cannot be shown";
            }

            part = part[used..];
        }

        return null;
    }

    // CON, con.txt, "nul .tar.gz": what stands before the first dot, less its spaces, is what Windows looks at.
    private static bool IsDevice(ReadOnlySpan<char> part)
    {
        var dot = part.IndexOf('.');
        var stem = (dot < 0 ? part : part[..dot]).TrimEnd(' ');
        return stem.Length is >= 3 and <= 7 && _devices.Contains(stem.ToString());
    }
}
