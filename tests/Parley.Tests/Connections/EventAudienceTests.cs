using Parley.Hub.Connections;
using Parley.Hub.Connections.Events;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing;

namespace Parley.Tests.Connections;

public sealed class EventAudienceTests
{
    private static readonly AgentAddress _agent = AgentAddress.Parse("acme.agent-a");
    private static readonly EventType _type = EventType.Parse("order.paid");

    private readonly FakeTimeProvider _time = new();
    private readonly EventAudience _audience;

    public EventAudienceTests() => _audience = new EventAudience(new ConnectionOptions { MaxStreams = 10, StreamsPerOwner = 4 }, _time);

    [Fact]
    public void An_owner_has_its_share_of_the_places_and_no_more()
    {
        Fill("acme", 4);

        var refusal = Assert.Throws<ParleyException>(() => Follow("acme"));

        Assert.Equal((ErrorCode.RateLimited, TimeSpan.FromSeconds(10)), (refusal.Code, refusal.RetryAfter));
        Assert.Contains("owner-event-streams", refusal.Message, StringComparison.Ordinal);
        Fill("other", 4);
        Fill(null, 2);
    }

    [Fact]
    public void Who_waits_for_anothers_state_waits_on_a_place_of_its_own_owner()
    {
        Fill("other", 4, of: "acme");

        Assert.Throws<ParleyException>(() => Follow("other", "acme"));
        Fill("acme", 4);
    }

    [Fact]
    public void The_places_of_the_hub_bound_admins_too()
    {
        Fill(null, 10);

        Assert.Contains("event-streams", Assert.Throws<ParleyException>(() => Follow(null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_was_left_is_free_at_once()
    {
        var seats = Fill("acme", 4);

        seats[0].Dispose();
        seats[0].Dispose();

        Fill("acme", 1);
        Assert.Throws<ParleyException>(() => Follow("acme"));
    }

    [Fact]
    public void An_event_wakes_those_who_want_it_and_nobody_else()
    {
        var (mine, all, others, another) = (Follow("acme"), Follow(null), Follow("other", "other"), _audience.Follow("acme", "acme", [EventPattern.Parse("order.sent")]));
        var nexts = new[] { mine.Next, all.Next, others.Next, another.Next };

        _audience.Tell(_agent, _type);

        Assert.Equal([true, true, false, false], nexts.Select(next => next.IsCompleted));
        Assert.False(mine.Next.IsCompleted);
    }

    [Fact]
    public void A_reader_that_went_away_is_made_events_for_another_minute()
    {
        Follow("acme").Dispose();
        var atFirst = _audience.IsWanted(_agent, _type);

        _time.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal((true, false), (atFirst, _audience.IsWanted(_agent, _type)));
    }

    [Fact]
    public void Readers_that_come_and_go_leave_no_more_traces_than_their_owner_has_places()
    {
        for (var number = 0; number < 500; number++)
        {
            _audience.Follow("acme", "acme", [EventPattern.Parse($"type.n{number}")]).Dispose();
        }

        Assert.Equal(4, _audience.Count);
        Follow("other", "other").Dispose();
        Assert.True(_audience.IsWanted(AgentAddress.Parse("other.agent-b"), _type));
        _time.Advance(TimeSpan.FromSeconds(61));
        Follow("acme").Dispose();
        Assert.Equal(1, _audience.Count);
    }

    [Fact]
    public void A_hub_that_stops_lets_all_go()
    {
        var next = Follow("acme").Next;

        _audience.Stop();

        Assert.True(next.IsCompleted);
    }

    private EventSeat Follow(string? reader, string? of = "acme") => _audience.Follow(reader, reader is null ? null : of, [EventPattern.Parse("order.paid")]);

    private List<EventSeat> Fill(string? reader, int count, string? of = "acme") => [.. Enumerable.Range(0, count).Select(_ => Follow(reader, of))];
}
