using Parley.Client.Peering;
using Parley.Client.Peering.Paths;

namespace Parley.Tests.Peering;

public sealed class PathRaceTests
{
    private static readonly PathKind[] _all = [PathKind.DirectTcp, PathKind.DirectUdp, PathKind.Relayed];

    private static readonly TimeSpan _start = TimeSpan.Zero;

    private readonly PathRace _race = new(_all);

    [Fact]
    public void A_direct_connection_is_taken_at_once()
    {
        _race.Add(PathKind.Relayed, Path("relay"), _start);
        _race.Add(PathKind.DirectTcp, Path("tcp"), _start);

        Assert.Equal(PathKind.DirectTcp, _race.Decide(TimeSpan.Zero, Nobody, out _)!.Value.Kind);
    }

    [Fact]
    public void A_circuit_waits_for_better_ways_until_their_head_start_is_over()
    {
        _race.Add(PathKind.Relayed, Path("relay"), _start);

        var early = _race.Decide(TimeSpan.FromMilliseconds(100), Nobody, out var askAgain);

        Assert.Null(early);
        Assert.Equal(PathRace.HeadStartOver(PathKind.Relayed) - TimeSpan.FromMilliseconds(100), askAgain);
        Assert.Equal(PathKind.Relayed, _race.Decide(PathRace.HeadStartOver(PathKind.Relayed), Nobody, out _)!.Value.Kind);
    }

    [Fact]
    public void Nobody_is_waited_for_who_has_given_up()
    {
        _race.Add(PathKind.Relayed, Path("relay"), _start);
        _race.End(PathKind.DirectTcp);
        _race.End(PathKind.DirectUdp);

        Assert.Equal(PathKind.Relayed, _race.Decide(TimeSpan.Zero, Nobody, out _)!.Value.Kind);
    }

    [Fact]
    public void A_better_way_found_within_the_head_start_wins()
    {
        _race.Add(PathKind.Relayed, Path("relay"), _start);
        _race.Add(PathKind.DirectUdp, Path("udp"), _start);

        Assert.Null(_race.Decide(TimeSpan.FromMilliseconds(10), Nobody, out _));
        Assert.Equal(PathKind.DirectUdp, _race.Decide(PathRace.HeadStartOver(PathKind.DirectUdp), Nobody, out _)!.Value.Kind);
    }

    [Fact]
    public void The_first_of_a_kind_stands_until_it_breaks()
    {
        Assert.True(_race.Add(PathKind.DirectTcp, Path("first"), _start));
        Assert.False(_race.Add(PathKind.DirectTcp, Path("second"), _start));

        _race.Drop(PathKind.DirectTcp);

        Assert.Null(_race.Decide(TimeSpan.FromMinutes(1), Nobody, out _));
        Assert.True(_race.Add(PathKind.DirectTcp, Path("third"), _start));
    }

    [Fact]
    public void The_race_is_lost_when_all_gave_up()
    {
        var before = _race.IsLost;
        Array.ForEach(_all, _race.End);

        Assert.False(before);
        Assert.True(_race.IsLost);
    }

    [Fact]
    public void A_circuit_is_held_while_a_better_kind_hears_the_other_end()
    {
        _race.Add(PathKind.Relayed, Path("relay"), _start);

        var held = _race.Decide(PathRace.HeadStartOver(PathKind.Relayed), OnlyUdp, out var askAgain);

        Assert.Null(held);
        Assert.InRange(askAgain!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void A_promise_that_is_not_kept_costs_no_more_than_the_patience()
    {
        _race.Add(PathKind.Relayed, Path("relay"), _start);
        var patience = PathRace.PatienceOver(PathKind.Relayed);

        Assert.Null(_race.Decide(patience - TimeSpan.FromMilliseconds(1), OnlyUdp, out _));
        Assert.Equal(PathKind.Relayed, _race.Decide(patience, OnlyUdp, out _)!.Value.Kind);
    }

    [Fact]
    public void A_promise_that_is_broken_counts_no_more()
    {
        _race.Add(PathKind.Relayed, Path("relay"), _start);
        var later = TimeSpan.FromSeconds(1);

        Assert.Null(_race.Decide(later, OnlyUdp, out _));
        Assert.Equal(PathKind.Relayed, _race.Decide(later, Nobody, out _)!.Value.Kind);
    }

    [Fact]
    public void A_worse_kind_promises_nothing_to_a_better_one()
    {
        _race.Add(PathKind.DirectUdp, Path("udp"), _start);

        Assert.Equal(PathKind.DirectUdp, _race.Decide(TimeSpan.FromMilliseconds(250), static kind => kind == PathKind.Relayed, out _)!.Value.Kind);
    }

    [Fact]
    public void Where_a_circuit_takes_long_better_ways_get_half_as_long_again()
    {
        _race.Add(PathKind.Relayed, Path("relay"), TimeSpan.FromSeconds(1));

        var early = _race.Decide(TimeSpan.FromSeconds(1), Nobody, out var askAgain);

        Assert.Null(early);
        Assert.Equal(TimeSpan.FromMilliseconds(500), askAgain);
        Assert.Equal(PathKind.Relayed, _race.Decide(TimeSpan.FromMilliseconds(1500), Nobody, out _)!.Value.Kind);
    }

    [Fact]
    public void A_circuit_that_came_late_is_taken_at_once()
    {
        var late = PathRace.PatienceOver(PathKind.Relayed);
        _race.Add(PathKind.Relayed, Path("relay"), late);

        Assert.Equal(PathKind.Relayed, _race.Decide(late, OnlyUdp, out _)!.Value.Kind);
    }

    private static bool Nobody(PathKind kind) => false;

    private static bool OnlyUdp(PathKind kind) => kind == PathKind.DirectUdp;

    private static FoundPath Path(string text) => new(Stream.Null, text);
}
