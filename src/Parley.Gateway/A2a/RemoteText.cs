using System.Globalization;
using System.Text;

namespace Parley.Gateway.A2a;

/// <summary>Makes text of a stranger fit for a refusal of ours: short, in one line, without letters that steer terminals or hide.</summary>
public static class RemoteText
{
    private const int MaxLength = 400;

    /// <summary>The text, or other words where nothing is left of it.</summary>
    public static string Clean(string? text, string otherwise)
    {
        var clean = new StringBuilder();
        foreach (var rune in (text ?? string.Empty).EnumerateRunes())
        {
            if (clean.Length >= MaxLength)
            {
                break;
            }

            clean.Append(IsHarmless(rune) ? rune.ToString() : " ");
        }

        var result = clean.ToString().Trim();
        return result.Length == 0 ? otherwise : result;
    }

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);
}
