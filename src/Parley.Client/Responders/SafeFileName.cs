using System.Text;

namespace Parley.Client.Responders;

/// <summary>Makes a plain file name from what another agent or a command calls its file.</summary>
internal static class SafeFileName
{
    /// <summary>Longest result in characters; every common file system takes 255 bytes and these are at most 3 bytes each in UTF-8.</summary>
    public const int MaxLength = 80;

    private const string Fallback = "file";

    /// <summary>The last path segment without characters that a shell, a terminal or a file system on any platform treats specially; never empty, never hidden.</summary>
    public static string From(string? name)
    {
        var last = (name ?? string.Empty).Split('/', '\\')[^1];
        var kept = new StringBuilder(Math.Min(last.Length, MaxLength));
        foreach (var character in last)
        {
            if (kept.Length == MaxLength)
            {
                break;
            }

            kept.Append(IsPlain(character) ? character : '_');
        }

        var plain = kept.ToString().Trim(' ', '.');
        return plain.Length == 0 ? Fallback : plain.StartsWith('-') ? "_" + plain[1..] : plain;
    }

    // Letters and digits of any script; surrogates, bidi controls and everything that is not visible fall out.
    private static bool IsPlain(char character) => char.IsLetterOrDigit(character) || character is '.' or '-' or '_' or ' ' or '+' or '=' or '@' or ',' or '(' or ')';
}
