using Parley.Hub.Messaging;

namespace Parley.Tests.Messaging;

public sealed class PairRateTests
{
    private readonly PairRate _rate = new();

    [Fact]
    public void The_burst_is_free_and_the_next_is_refused()
    {
        var taken = Enumerable.Range(0, 4).Select(_ => _rate.TryTake(1, 3, 1000)).ToList();

        Assert.Equal([true, true, true, false], taken);
    }

    [Fact]
    public void Tokens_come_back_with_time()
    {
        _rate.TryTake(2, 1, 1000);

        Assert.False(_rate.TryTake(2, 1, 1400));
        Assert.True(_rate.TryTake(2, 1, 1600));
    }

    [Fact]
    public void No_more_than_the_burst_comes_back()
    {
        _rate.TryTake(1, 2, 0);

        var taken = Enumerable.Range(0, 3).Select(_ => _rate.TryTake(1, 2, 1_000_000)).ToList();

        Assert.Equal([true, true, false], taken);
    }

    [Fact]
    public void Zero_means_no_limit()
    {
        Assert.All(Enumerable.Range(0, 10), _ => Assert.True(_rate.TryTake(0, 1, 0)));
    }

    [Fact]
    public void A_clock_that_is_set_back_takes_no_tokens()
    {
        _rate.TryTake(1, 3, 10_000_000);

        Assert.True(_rate.TryTake(1, 3, 6_400_000));
        Assert.True(_rate.TryTake(1, 3, 6_400_000));
        Assert.False(_rate.TryTake(1, 3, 6_400_000));
        Assert.True(_rate.TryTake(1, 3, 6_401_000));
    }
}
