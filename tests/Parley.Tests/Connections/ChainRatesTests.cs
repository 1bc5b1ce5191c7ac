using Parley.Hub.Connections.Events;
using Parley.Testing;

namespace Parley.Tests.Connections;

public sealed class ChainRatesTests
{
    private const string Trace = "00-11111111111111111111111111111111-2222222222222222-01";

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_chain_is_stopped_beyond_its_limit_and_told_of_once()
    {
        var rates = new ChainRates(5, _time);

        var told = new[] { rates.Take(Trace, 3), rates.Take(Trace.Replace("-2222", "-3333", StringComparison.Ordinal), 2), rates.Take(Trace, 1), rates.Take(Trace, 1) };

        Assert.Equal([(true, false), (true, false), (false, true), (false, false)], told);
    }

    [Fact]
    public void Another_trace_counts_for_itself()
    {
        var rates = new ChainRates(1, _time);
        rates.Take(Trace, 2);

        Assert.True(rates.Take(Trace.Replace('1', '4'), 1).IsAllowed);
    }

    [Fact]
    public void A_chain_is_forgotten_after_two_hours_and_not_after_one()
    {
        var rates = new ChainRates(1, _time);
        rates.Take(Trace, 2);
        _time.Advance(TimeSpan.FromMinutes(61));
        rates.Take(Trace.Replace('1', '4'), 1);

        Assert.False(rates.Take(Trace, 1).IsAllowed);
        _time.Advance(TimeSpan.FromMinutes(61));
        rates.Take(Trace.Replace('1', '4'), 1);
        _time.Advance(TimeSpan.FromMinutes(61));
        rates.Take(Trace.Replace('1', '4'), 1);
        Assert.True(rates.Take(Trace, 1).IsAllowed);
    }

    [Fact]
    public void Memory_is_bounded_whatever_comes()
    {
        var rates = new ChainRates(1, _time);

        for (var number = 0; number < 250_000; number++)
        {
            rates.Take($"00-{number:x32}-2222222222222222-01", 1);
        }

        Assert.InRange(rates.Count, 1, 200_001);
    }
}
