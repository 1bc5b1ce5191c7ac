using System.Text;

namespace Parley.Output;

/// <summary>Lays out rows in columns as wide as their widest cell: plain text that people read and <c>grep</c> and <c>awk</c> take apart.</summary>
internal static class TextTable
{
    private const string Gap = "  ";

    /// <summary>The lines of a table, the heads first.</summary>
    /// <param name="heads">What the columns are, in capitals.</param>
    /// <param name="rows">Cells by row, one line each, since text of others must not look like a line of ours; an empty cell is shown as <c>-</c>, so that columns can be counted.</param>
    public static string Of(IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<string>> rows)
    {
        List<IReadOnlyList<string>> lines = [heads, .. rows.Select(row => row.Select(cell => cell.Length == 0 ? "-" : SafeText.Clean(cell.ReplaceLineEndings(" "))).ToList())];
        var widths = Enumerable.Range(0, heads.Count).Select(column => lines.Max(line => line[column].Length)).ToList();
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            text.AppendLine(string.Join(Gap, line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        return text.Replace("\r\n", "\n").ToString();
    }
}
