using Parley.Protocol.Link;

namespace Parley.Tests.Link;

public sealed class HeartbeatTests
{
    private static readonly Heartbeat _heartbeat = new(TimeSpan.FromSeconds(30));

    [Fact]
    public void A_hub_that_pings_leaves_a_client_nothing_to_ask()
    {
        var longest = TimeSpan.Zero;
        for (var silence = TimeSpan.Zero; !_heartbeat.HubPings(silence); silence += TimeSpan.FromMilliseconds(100))
        {
            longest = silence + _heartbeat.Pass;
        }

        Assert.False(_heartbeat.ClientPings(longest));
    }

    [Fact]
    public void A_client_alone_pings_at_least_every_heartbeat_and_the_link_dies_of_silence_only()
    {
        Assert.True(_heartbeat.ClientPings(_heartbeat.Interval - TimeSpan.FromSeconds(2)));
        Assert.False(_heartbeat.IsDead(_heartbeat.Interval * 2.5));
        Assert.True(_heartbeat.IsDead((_heartbeat.Interval * 2.5) + TimeSpan.FromTicks(1)));
    }

    [Fact]
    public void A_hub_ends_a_link_for_the_silence_that_it_watched_only()
    {
        var (dead, alive) = ((_heartbeat.Interval * 2.5) + TimeSpan.FromTicks(1), _heartbeat.Interval * 2.5);

        Assert.True(_heartbeat.HubEnds(dead, dead));
        Assert.False(_heartbeat.HubEnds(alive, dead));
        Assert.False(_heartbeat.HubEnds(dead * 10, alive));
    }

    [Fact]
    public void A_pass_is_late_when_a_link_could_be_dead_that_no_pass_before_it_had_to_ping()
    {
        var unasked = (_heartbeat.Interval * 2.5) - (_heartbeat.Interval * 0.7);

        Assert.True(_heartbeat.IsLate(unasked));
        Assert.True(_heartbeat.IsLate(_heartbeat.Pass + _heartbeat.Interval + TimeSpan.FromTicks(1)));
        Assert.False(_heartbeat.IsLate(_heartbeat.Pass + _heartbeat.Interval));
    }
}
