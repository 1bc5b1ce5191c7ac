using Parley.Benchmarks.Measuring;

namespace Parley.Tests.Benchmarks;

public sealed class ResultsDocumentTests
{
    [Fact]
    public void A_section_measured_again_replaces_itself_and_leaves_the_others()
    {
        var document = ResultsDocument.Replace(ResultsDocument.Replace("", "rtt", "old"), "idle", "kept");

        var updated = ResultsDocument.Replace(document, "rtt", "new");

        Assert.Equal(document.Replace("old", "new", StringComparison.Ordinal), updated);
    }

    [Fact]
    public void The_last_section_can_be_replaced_too()
    {
        var document = ResultsDocument.Replace(ResultsDocument.Replace("", "rtt", "kept"), "idle", "old");

        var updated = ResultsDocument.Replace(document, "idle", "new");

        Assert.Equal(document.Replace("old", "new", StringComparison.Ordinal), updated);
    }

    [Fact]
    public void A_name_that_begins_another_name_is_a_section_of_its_own()
    {
        var document = ResultsDocument.Replace("", "rtt-tls", "secured");

        var updated = ResultsDocument.Replace(document, "rtt", "plain");

        Assert.Contains("secured", updated, StringComparison.Ordinal);
        Assert.Contains("plain", updated, StringComparison.Ordinal);
    }
}
