using Parley.Testing.Network;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Turn;

namespace Parley.Tests.WebRtc.Ice;

public sealed class NatTraversalTests
{
    private static readonly NatKind[] _kinds =
        [.. Enum.GetValues<NatBehaviour>().SelectMany(mapping => Enum.GetValues<NatBehaviour>().Select(filtering => new NatKind(mapping, filtering)))];

    public static TheoryData<int, int> Pairs
    {
        get
        {
            var data = new TheoryData<int, int>();
            for (var left = -1; left < _kinds.Length; left++)
            {
                for (var right = -1; right < _kinds.Length; right++)
                {
                    data.Add(left, right);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Every_pair_of_NATs_gets_the_path_that_theory_says(int left, int right)
    {
        var kinds = (left < 0 ? null : _kinds[left], right < 0 ? null : _kinds[right]);
        var pair = new IcePair(7, kinds.Item1, kinds.Item2);

        Assert.True(pair.Connect(), Describe(pair));

        Assert.True(pair.CanTalk());
        Assert.Equal(IsDirectPossible(kinds.Item1, kinds.Item2), !pair.Left.Agent.Route!.IsRelayed);
        Assert.Equal(IsDirectPossible(kinds.Item1, kinds.Item2), !pair.Right.Agent.Route!.IsRelayed);
    }

    [Theory]
    [InlineData(NatBehaviour.Independent)]
    [InlineData(NatBehaviour.AddressAndPort)]
    public void A_public_relay_is_not_asked_to_reach_private_addresses(NatBehaviour leftMapping)
    {
        var pair = new IcePair(8, new NatKind(leftMapping, NatBehaviour.AddressAndPort), new NatKind(NatBehaviour.AddressAndPort, NatBehaviour.AddressAndPort));

        Assert.True(pair.Connect(), Describe(pair));
        pair.Internet.Run(TimeSpan.FromSeconds(10));

        Assert.Equal(0, pair.Relay.Ended);
        Assert.True(pair.AreConnected);
        Assert.True(pair.CanTalk());
    }

    [Fact]
    public void A_private_address_that_a_relay_does_reach_is_used_once_the_peer_was_heard_there()
    {
        var internet = new VirtualInternet(9);
        var relay = new VirtualTurnServer(internet, "203.0.113.3:3478", "user", "password");
        var nat = internet.AddNat(new NatKind(NatBehaviour.AddressAndPort, NatBehaviour.AddressAndPort), "198.51.100.1");
        var left = new IceHost(internet, IceRole.Controlling, new IceOptions { TurnServers = [new TurnServer(relay.Address, "user", "password")] }, 1, nat, "192.168.1.10:4000");
        var right = new IceHost(internet, IceRole.Controlled, new IceOptions(), 2, null, "10.0.0.20:4000");

        IceHost.Introduce(left, right);

        Assert.True(internet.RunUntil(() => left.Agent.State == IceState.Connected && right.Agent.State == IceState.Connected, TimeSpan.FromSeconds(10)));
        Assert.True(left.Agent.Route!.IsWrapped);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Hosts_behind_one_NAT_meet_inside(int seed)
    {
        var internet = new VirtualInternet(seed);
        var stun = new VirtualStunServer(internet, "203.0.113.1:3478");
        var nat = internet.AddNat(new NatKind(NatBehaviour.AddressAndPort, NatBehaviour.AddressAndPort), "198.51.100.1");
        var options = new IceOptions { StunServers = [stun.Address] };
        var left = new IceHost(internet, IceRole.Controlling, options, 1, nat, "192.168.1.10:4000");
        var right = new IceHost(internet, IceRole.Controlled, options, 2, nat, "192.168.1.11:4000");

        IceHost.Introduce(left, right);

        Assert.True(internet.RunUntil(() => left.Agent.State == IceState.Connected && right.Agent.State == IceState.Connected, TimeSpan.FromSeconds(5)));
        Assert.Equal("192.168.1.11:4000", left.Agent.Route!.Remote.ToString());
    }

    [Fact]
    public void IPv6_is_preferred_where_both_have_it()
    {
        var internet = new VirtualInternet(3);
        var left = new IceHost(internet, IceRole.Controlling, new IceOptions(), 1, null, "198.51.100.10:4000", "[2001:db8::10]:4000", "[fe80::10]:4000");
        var right = new IceHost(internet, IceRole.Controlled, new IceOptions(), 2, null, "198.51.100.20:4000", "[2001:db8::20]:4000");

        IceHost.Introduce(left, right);

        Assert.True(internet.RunUntil(() => left.Agent.State == IceState.Connected, TimeSpan.FromSeconds(5)));
        Assert.Equal("[2001:db8::20]:4000", left.Agent.Route!.Remote.ToString());
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void A_bad_network_and_shuffled_candidates_change_nothing_but_the_time(int seed)
    {
        var quality = new LinkQuality(TimeSpan.FromMilliseconds(60)) { Loss = 0.1, Duplication = 0.1, Jitter = TimeSpan.FromMilliseconds(80) };
        var pair = new IcePair(seed, new NatKind(NatBehaviour.Independent, NatBehaviour.AddressAndPort), new NatKind(NatBehaviour.Independent, NatBehaviour.Address), quality: quality);
        pair.Left.Shuffle = pair.Right.Shuffle = TimeSpan.FromMilliseconds(800);

        Assert.True(pair.Connect(), Describe(pair));
        pair.Internet.Run(TimeSpan.FromMinutes(2));

        Assert.True(pair.Internet.RunUntil(() => pair.AreConnected, TimeSpan.FromSeconds(20)), Describe(pair));
    }

    [Theory]
    [InlineData(NatBehaviour.Independent, NatMapping.EndpointIndependent)]
    [InlineData(NatBehaviour.Address, NatMapping.AddressDependent)]
    [InlineData(NatBehaviour.AddressAndPort, NatMapping.AddressDependent)]
    public void Two_servers_tell_how_a_NAT_maps(NatBehaviour mapping, NatMapping expected)
    {
        var pair = new IcePair(5, new NatKind(mapping, NatBehaviour.AddressAndPort), null);

        pair.Connect();

        Assert.Equal(expected, pair.Left.Agent.Report().Mapping);
        Assert.Equal(NatMapping.None, pair.Right.Agent.Report().Mapping);
    }

    /// <summary>
    /// Two mappings that do not depend on the peer: each side's public address is known, so both open their doors. One that does: the other must let in a port that it
    /// has not written to. Two that do: a first datagram must pass without any door opened (one side filters nothing), the other side must let in the port that the answer
    /// leaves from, and one of them must keep that port for the next datagram to the same host.
    /// </summary>
    private static bool IsDirectPossible(NatKind? left, NatKind? right)
    {
        static bool IsMappingKnown(NatKind? kind) => kind is null or { Mapping: NatBehaviour.Independent };
        static bool LetsUnknownPortIn(NatKind? kind) => kind is null or { Filtering: not NatBehaviour.AddressAndPort };

        return (IsMappingKnown(left), IsMappingKnown(right)) switch
        {
            (true, true) => true,
            (true, false) => LetsUnknownPortIn(left),
            (false, true) => LetsUnknownPortIn(right),
            _ => LetsUnknownPortIn(left) && LetsUnknownPortIn(right)
                && (left!.Filtering == NatBehaviour.Independent || right!.Filtering == NatBehaviour.Independent)
                && (left.Mapping == NatBehaviour.Address || right!.Mapping == NatBehaviour.Address),
        };
    }

    private static string Describe(IcePair pair) => string.Join('\n', pair.Left.Agent.Report().Pairs.Concat(pair.Right.Agent.Report().Pairs).Select(one => one.ToString()));
}
