using Parley.Client.Peering;
using Parley.Client.Peering.Paths;

namespace Parley.Tests.Peering;

public sealed class PathRaceTests
{
    private static readonly PathKind[] _all = [PathKind.DirectTcp, PathKind.DirectUdp, PathKind.Relayed];

    private readonly PathRace _race = new(_all);

    [Fact]
    public void A_direct_connection_is_taken_at_once()
    {
        _race.Add(PathKind.Relayed, Path("relay"));
        _race.Add(PathKind.DirectTcp, Path("tcp"));

        Assert.Equal(PathKind.DirectTcp, _race.Decide(TimeSpan.Zero, out _)!.Value.Kind);
    }

    [Fact]
    public void A_circuit_waits_for_better_ways_until_their_head_start_is_over()
    {
        _race.Add(PathKind.Relayed, Path("relay"));

        var early = _race.Decide(TimeSpan.FromMilliseconds(100), out var askAgain);

        Assert.Null(early);
        Assert.Equal(PathRace.HeadStartOver(PathKind.Relayed) - TimeSpan.FromMilliseconds(100), askAgain);
        Assert.Equal(PathKind.Relayed, _race.Decide(PathRace.HeadStartOver(PathKind.Relayed), out _)!.Value.Kind);
    }

    [Fact]
    public void Nobody_is_waited_for_who_has_given_up()
    {
        _race.Add(PathKind.Relayed, Path("relay"));
        _race.End(PathKind.DirectTcp);
        _race.End(PathKind.DirectUdp);

        Assert.Equal(PathKind.Relayed, _race.Decide(TimeSpan.Zero, out _)!.Value.Kind);
    }

    [Fact]
    public void A_better_way_found_within_the_head_start_wins()
    {
        _race.Add(PathKind.Relayed, Path("relay"));
        _race.Add(PathKind.DirectUdp, Path("udp"));

        Assert.Null(_race.Decide(TimeSpan.FromMilliseconds(10), out _));
        Assert.Equal(PathKind.DirectUdp, _race.Decide(PathRace.HeadStartOver(PathKind.DirectUdp), out _)!.Value.Kind);
    }

    [Fact]
    public void The_first_of_a_kind_stands_until_it_breaks()
    {
        Assert.True(_race.Add(PathKind.DirectTcp, Path("first")));
        Assert.False(_race.Add(PathKind.DirectTcp, Path("second")));

        _race.Drop(PathKind.DirectTcp);

        Assert.Null(_race.Decide(TimeSpan.FromMinutes(1), out _));
        Assert.True(_race.Add(PathKind.DirectTcp, Path("third")));
    }

    [Fact]
    public void The_race_is_lost_when_all_gave_up()
    {
        var before = _race.IsLost;
        Array.ForEach(_all, _race.End);

        Assert.False(before);
        Assert.True(_race.IsLost);
    }

    private static FoundPath Path(string text) => new(Stream.Null, text);
}
