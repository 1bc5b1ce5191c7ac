namespace Parley.Benchmarks.Measuring;

/// <summary>bench/RESULTS.md: one section per scenario, each between its own markers, so that one can be measured again alone.</summary>
internal static class ResultsDocument
{
    private const string Title = "# Measured\n\nEach table is one run on one machine, the peers side by side and in turns: read the ratios, not the figures. `bench/README.md` says what is counted.\n";

    /// <summary>Puts a section in place of the one with the same name, or at the end.</summary>
    /// <param name="document">The file so far; empty for a new one.</param>
    /// <param name="section">The scenario's name.</param>
    /// <param name="content">Markdown without the markers.</param>
    public static string Replace(string document, string section, string content)
    {
        var begin = $"<!-- begin {section} -->";
        var end = $"<!-- end {section} -->";
        var block = $"{begin}\n## {section}\n\n{content.Trim()}\n{end}\n";
        var from = document.IndexOf(begin, StringComparison.Ordinal);
        var to = document.IndexOf(end, StringComparison.Ordinal);
        if (from >= 0 && to > from)
        {
            var rest = document[(to + end.Length)..].TrimStart('\n');
            return document[..from] + block + (rest.Length == 0 ? "" : "\n" + rest);
        }

        return (document.Length == 0 ? Title : document.TrimEnd('\n') + "\n") + "\n" + block;
    }
}
