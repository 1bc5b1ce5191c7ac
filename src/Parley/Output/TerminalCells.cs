using System.Text;
using Spectre.Console.Rendering;

namespace Parley.Output;

/// <summary>How many columns a text takes on a terminal: most letters one, those of East Asian scripts and emoji two, combining marks none.</summary>
internal static class TerminalCells
{
    /// <summary>Columns of a text of one line.</summary>
    public static int Of(string text) => text.EnumerateRunes().Sum(Of);

    /// <summary>The end of a text that fits into some columns; no letter is cut in two.</summary>
    public static string Tail(string text, int columns)
    {
        var (start, used) = (text.Length, 0);
        while (start > 0)
        {
            var rune = Rune.DecodeLastFromUtf16(text.AsSpan(0, start), out var last, out var length) == System.Buffers.OperationStatus.Done ? last : Rune.ReplacementChar;
            used += Of(rune);
            if (used > columns)
            {
                break;
            }

            start -= length;
        }

        return text[start..];
    }

    // Beyond the basic plane are emoji and East Asian scripts, but for few: one column too many is better than a line that wraps.
    private static int Of(Rune rune) => rune.IsBmp ? Math.Max(Segment.CellCount([new Segment(rune.ToString())]), 0) : 2;
}
