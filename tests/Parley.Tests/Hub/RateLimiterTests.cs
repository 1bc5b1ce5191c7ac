using Parley.Hub.Identity;
using Parley.Testing;

namespace Parley.Tests.Hub;

public sealed class RateLimiterTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_key_takes_its_burst_and_then_waits()
    {
        var limiter = new RateLimiter(3, TimeSpan.FromMinutes(1), 10, _time);

        var taken = Enumerable.Range(0, 4).Select(_ => limiter.TryTake("a")).ToList();

        Assert.All(taken[..3], wait => Assert.Null(wait));
        Assert.Equal(TimeSpan.FromSeconds(20), taken[3]);
        Assert.Null(limiter.TryTake("b"));
    }

    [Fact]
    public void What_was_taken_comes_back_over_time()
    {
        var limiter = new RateLimiter(3, TimeSpan.FromMinutes(1), 10, _time);
        while (limiter.TryTake("a") is null)
        {
        }

        _time.Advance(TimeSpan.FromSeconds(20));

        Assert.Null(limiter.TryTake("a"));
        Assert.NotNull(limiter.TryTake("a"));
    }

    [Fact]
    public void Peeking_takes_nothing()
    {
        var limiter = new RateLimiter(1, TimeSpan.FromMinutes(1), 10, _time);

        Assert.Null(limiter.Peek("a"));
        Assert.Null(limiter.TryTake("a"));
        Assert.NotNull(limiter.Peek("a"));
        Assert.Equal(1, limiter.Count);
    }

    [Fact]
    public void The_table_is_bounded_and_forgets_those_who_are_whole_again()
    {
        var limiter = new RateLimiter(1, TimeSpan.FromSeconds(10), 2, _time);
        limiter.TryTake("a");
        limiter.TryTake("b");

        Assert.NotNull(limiter.TryTake("c"));
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Null(limiter.TryTake("c"));
        Assert.Equal(1, limiter.Count);
    }
}
