using Parley.Benchmarks.Measuring;

namespace Parley.Tests.Benchmarks;

public sealed class ProcessUsageTests
{
    [Fact]
    public void Processor_ticks_are_found_behind_a_name_with_spaces_and_parentheses()
    {
        const string Stat = "4242 (a (b) c) S 1 4242 4242 0 -1 4194560 1 2 3 4 150 27 0 0 20 0 9 0 100 1 1";

        var ticks = ProcessUsage.ParseTicks(Stat);

        Assert.Equal(177, ticks);
    }

    [Fact]
    public void Kilobytes_are_read_from_the_labelled_line()
    {
        const string Rollup = "Rss:               20000 kB\nPss:               15000 kB\nPss_Dirty:           100 kB\n";

        var isFound = ProcessUsage.TryReadKilobytes(Rollup, "Pss:", out var bytes);

        Assert.True(isFound);
        Assert.Equal(15_000 * 1024, bytes);
    }

    [Fact]
    public void A_missing_label_is_not_found()
    {
        var isFound = ProcessUsage.TryReadKilobytes("Rss: 1 kB\n", "Pss:", out _);

        Assert.False(isFound);
    }
}
