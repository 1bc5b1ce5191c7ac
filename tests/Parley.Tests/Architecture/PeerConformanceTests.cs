using System.Text.RegularExpressions;
using Parley.Testing;

namespace Parley.Tests.Architecture;

/// <summary>Each row of docs/protocol/peer-conformance.md has a test that is named after it.</summary>
public sealed partial class PeerConformanceTests
{
    [Fact]
    public void Each_row_of_the_list_has_a_test()
    {
        var rows = Row().Matches(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "protocol", "peer-conformance.md"))).Select(row => row.Groups[1].Value).ToList();
        var tested = Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(path => path.Contains("PeerApi", StringComparison.Ordinal) || path.Contains("Tls", StringComparison.Ordinal))
            .SelectMany(path => Method().Matches(File.ReadAllText(path)).SelectMany(method => method.Groups[1].Value.Split('_')))
            .ToHashSet(StringComparer.Ordinal);

        Assert.InRange(rows.Count, 50, 200);
        Assert.Empty(rows.Where(row => !tested.Contains(row)));
    }

    [GeneratedRegex(@"^\| ([A-Z]\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"public (?:async )?(?:Task|void) ((?:[A-Z]\d+_)+)")]
    private static partial Regex Method();
}
