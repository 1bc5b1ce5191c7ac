using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Parley.Hub.Transports.Http.Rooms;

/// <summary>Encodings by the names that clients give them: case, dashes and underscores aside.</summary>
internal static class Charsets
{
    private static readonly Lazy<FrozenDictionary<string, int>> _known = new(ReadKnown);

    /// <summary>Finds an encoding that replaces what it cannot read.</summary>
    public static bool TryFind(string? name, [NotNullWhen(true)] out Encoding? encoding)
    {
        encoding = Encoding.UTF8;
        if (name is null || Bare(name) is "utf8")
        {
            return true;
        }

        // The provider knows more names than it lists.
        encoding = _known.Value.TryGetValue(Bare(name), out var page)
            ? CodePagesEncodingProvider.Instance.GetEncoding(page) ?? Encoding.GetEncoding(page)
            : CodePagesEncodingProvider.Instance.GetEncoding(name);
        return encoding is not null;
    }

    /// <summary>Reads text; a byte order mark in front says nothing and is dropped.</summary>
    public static string Decode(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        var text = encoding.GetString(bytes);
        return text.StartsWith('\uFEFF') ? text[1..] : text;
    }

    private static FrozenDictionary<string, int> ReadKnown()
    {
        var known = new Dictionary<string, int>
        {
            ["latin1"] = 28591, ["binary"] = 28591, ["l1"] = 28591, ["ascii"] = 20127, ["ucs2"] = 1200, ["utf16le"] = 1200, ["utf16be"] = 1201, ["utf32le"] = 12000,
            ["sjis"] = 932, ["gbk"] = 936, ["cp936"] = 936, ["cp932"] = 932, ["koi8"] = 20866,
        };
        foreach (var (name, page) in CodePagesEncodingProvider.Instance.GetEncodings().Concat(Encoding.GetEncodings()).Select(found => (found.Name, found.CodePage)))
        {
            // UTF-7 hides markup from whoever looks at the bytes; the runtime refuses it too.
            if (page != 65000)
            {
                known.TryAdd(Bare(name), page);
            }
        }

        foreach (var page in Enumerable.Range(1250, 9))
        {
            known.TryAdd($"cp{page}", page);
            known.TryAdd($"win{page}", page);
        }

        return known.ToFrozenDictionary();
    }

    private static string Bare(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant));
}
