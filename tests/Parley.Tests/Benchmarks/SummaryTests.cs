using Parley.Benchmarks.Measuring;

namespace Parley.Tests.Benchmarks;

public sealed class SummaryTests
{
    [Fact]
    public void The_median_of_an_odd_number_of_runs_is_the_middle_one()
    {
        double[] runs = [9, 1, 5];

        var summary = Summary.Of(runs);

        Assert.Equal(new Summary(5, 1, 9, 3), summary);
    }

    [Fact]
    public void The_median_of_an_even_number_of_runs_lies_between_the_middle_ones()
    {
        double[] runs = [4, 1, 2, 9];

        var summary = Summary.Of(runs);

        Assert.Equal(3, summary.Median);
    }
}
