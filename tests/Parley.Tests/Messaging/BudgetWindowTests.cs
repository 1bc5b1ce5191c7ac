using Parley.Hub.Messaging.Budgets;

namespace Parley.Tests.Messaging;

public sealed class BudgetWindowTests
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);
    private static readonly long _now = new DateTimeOffset(2030, 1, 2, 12, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    [Fact]
    public void What_is_within_the_limit_passes_and_the_next_does_not()
    {
        var window = new BudgetWindow();

        var passed = Enumerable.Range(0, 4).Select(_ => window.Take(1, 0, (3, 0), _hour, _now)).ToList();

        Assert.Equal([null, null, null, "more than 3 messages"], passed);
    }

    [Fact]
    public void Tokens_count_for_themselves()
    {
        var window = new BudgetWindow();

        Assert.Null(window.Take(1, 100, (0, 100), _hour, _now));
        Assert.Equal("more than 100 tokens", window.Take(0, 1, (0, 100), _hour, _now));
    }

    [Fact]
    public void An_agents_own_limit_goes_before_the_hubs()
    {
        var window = new BudgetWindow { MessageLimit = 0, TokenLimit = 5 };

        Assert.Null(window.Take(1000, 5, (1, 0), _hour, _now));
        Assert.Equal("more than 5 tokens", window.Take(0, 1, (1, 0), _hour, _now));
    }

    [Theory]
    [InlineData(3_600_000)]
    [InlineData(-1)]
    public void A_window_that_is_over_and_a_clock_that_goes_back_begin_anew(long later)
    {
        var window = new BudgetWindow();
        window.Take(3, 0, (3, 0), _hour, _now);

        Assert.Null(window.Take(1, 0, (3, 0), _hour, _now + later));
        Assert.Equal(1, window.Messages);
    }
}
