using Parley.Client.HubLink;

namespace Parley.Tests.Link;

public sealed class BackoffTests
{
    private static readonly TimeSpan _cap = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(4, 16)]
    [InlineData(5, 30)]
    [InlineData(1000, 30)]
    public void The_longest_wait_doubles_up_to_the_cap(int failures, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), Backoff.Next(failures, null, _cap, 1));
    }

    [Fact]
    public void The_fraction_spreads_the_wait_down_to_nothing()
    {
        Assert.Equal(TimeSpan.Zero, Backoff.Next(3, null, _cap, 0));
        Assert.Equal(TimeSpan.FromSeconds(4), Backoff.Next(3, null, _cap, 0.5));
    }

    [Fact]
    public void A_draining_hub_names_the_spread()
    {
        Assert.Equal(TimeSpan.FromSeconds(5), Backoff.Next(7, TimeSpan.FromSeconds(10), _cap, 0.5));
    }
}
