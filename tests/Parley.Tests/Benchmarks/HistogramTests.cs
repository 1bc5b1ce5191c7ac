using Parley.Client.Load;
using Parley.Benchmarks.Measuring;

namespace Parley.Tests.Benchmarks;

public sealed class HistogramTests
{
    [Fact]
    public void Small_values_are_exact()
    {
        var histogram = new Histogram();

        for (var value = 1; value <= 200; value++)
        {
            histogram.Record(value);
        }

        Assert.Equal(100, histogram.Percentile(50));
        Assert.Equal(198, histogram.Percentile(99));
        Assert.Equal(200, histogram.Percentile(100));
    }

    [Fact]
    public void Every_percentile_is_within_one_percent_of_the_sorted_values()
    {
        const int Seed = 4711;
        var random = new Random(Seed);
        var values = Enumerable.Range(0, 10_000).Select(_ => (long)Math.Pow(10, random.NextDouble() * 15)).Order().ToArray();
        var histogram = new Histogram();

        foreach (var value in values)
        {
            histogram.Record(value);
        }

        foreach (var percent in new[] { 1, 10, 50, 90, 99, 99.9, 100 })
        {
            var exact = values[(int)Math.Ceiling(values.Length * percent / 100) - 1];
            Assert.InRange(histogram.Percentile(percent), exact, exact + (exact / 100.0));
        }
    }

    [Fact]
    public void The_largest_value_of_a_long_has_a_bucket()
    {
        var histogram = new Histogram();

        histogram.Record(long.MaxValue);

        Assert.Equal(long.MaxValue, histogram.Percentile(50));
    }

    [Fact]
    public void Merged_histograms_hold_both_counts()
    {
        var (left, right) = (new Histogram(), new Histogram());
        left.Record(10);
        right.Record(90);

        left.Add(right);

        Assert.Equal((2, 90, 10), (left.Count, left.Max, left.Percentile(50)));
    }

    [Fact]
    public void An_empty_histogram_answers_zero()
    {
        var histogram = new Histogram();

        var median = histogram.Percentile(50);

        Assert.Equal(0, median);
    }
}
