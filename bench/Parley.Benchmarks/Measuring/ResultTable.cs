using System.Globalization;
using System.Text;

namespace Parley.Benchmarks.Measuring;

/// <summary>Turns measurements into a Markdown table, with each peer's ratio to the reference peer of the same scenario.</summary>
internal static class ResultTable
{
    /// <summary>The peer that ratios are to where a scenario names no other.</summary>
    public const string Reference = "nats";

    /// <summary>One table, in the order of the measurements.</summary>
    public static string Render(IReadOnlyList<Measurement> rows, string reference = Reference)
    {
        var text = new StringBuilder();
        text.Append($"| scenario | peer | median | min - max | runs | ratio to {reference} |\n|---|---|--:|--:|--:|--:|\n");
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"| {row.Scenario} | {row.Peer} | {Format(row.Value.Median)} {row.Unit} | {Format(row.Value.Min)} - {Format(row.Value.Max)} | {row.Value.Runs} | {RatioOf(row, rows, reference)} |\n");
        }

        return text.ToString();
    }

    /// <summary>The row's median divided by the reference peer's, two decimals; <c>-</c> when there is none.</summary>
    public static string RatioOf(Measurement row, IReadOnlyList<Measurement> rows, string reference = Reference)
    {
        var compared = rows.FirstOrDefault(other => other.Peer == reference && other.Scenario == row.Scenario);
        return compared is null || compared.Value.Median == 0
            ? "-"
            : (row.Value.Median / compared.Value.Median).ToString("0.00x", CultureInfo.InvariantCulture);
    }

    /// <summary>Three to four significant digits, thousands kept whole.</summary>
    public static string Format(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.00", CultureInfo.InvariantCulture),
    };
}
