using System.Globalization;
using System.Text;

namespace Parley.Client.Peering;

/// <summary>Words of another agent as one short line that steers no terminal.</summary>
internal static class PlainText
{
    private const int MaxLength = 300;

    /// <summary>Printable characters as they are, all others as a space.</summary>
    public static string Of(string text)
    {
        var plain = new StringBuilder(Math.Min(text.Length, MaxLength));
        foreach (var rune in text.EnumerateRunes())
        {
            if (plain.Length >= MaxLength)
            {
                break;
            }

            var isPlain = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse);
            plain.Append(isPlain ? rune : new Rune(' '));
        }

        return plain.ToString();
    }
}
