using Parley.Benchmarks.Measuring;

namespace Parley.Tests.Benchmarks;

public sealed class ResultTableTests
{
    [Fact]
    public void Each_row_shows_its_ratio_to_the_reference_peer_of_the_same_scenario()
    {
        Measurement[] rows =
        [
            new("rtt p50", "nats", "us", Summary.Of([200])),
            new("rtt p50", "parley", "us", Summary.Of([150, 100, 250])),
            new("alone", "parley", "us", Summary.Of([1.5])),
        ];

        var table = ResultTable.Render(rows);

        Assert.Contains("| rtt p50 | parley | 150 us | 100 - 250 | 3 | 0.75x |\n", table, StringComparison.Ordinal);
        Assert.Contains("| alone | parley | 1.50 us | 1.50 - 1.50 | 1 | - |\n", table, StringComparison.Ordinal);
    }
}
