using Parley.Testing.Network;
using Parley.WebRtc.Connections;

namespace Parley.Tests.WebRtc.Connections;

public sealed class PeerConnectionPathTests
{
    private static readonly NatKind _cone = new(NatBehaviour.Independent, NatBehaviour.AddressAndPort);
    private static readonly NatKind _symmetric = new(NatBehaviour.AddressAndPort, NatBehaviour.AddressAndPort);

    public static TheoryData<string, string, bool> Kinds => new()
    {
        { "none", "none", false },
        { "cone", "none", false },
        { "none", "symmetric", false },
        { "cone", "cone", false },
        { "cone", "symmetric", true },
        { "symmetric", "symmetric", true },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Data_flows_over_every_kind_of_NAT(string left, string right, bool isRelayed)
    {
        using var pair = ConnectionPair.Connected(20, Kind(left), Kind(right));
        var (messages, hash) = ConnectionPair.Flow(20, 1 << 20, 50_000);

        pair.Left.Say(pair.Open(), messages);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.ReceivedBytes == 1 << 20, TimeSpan.FromMinutes(1)), pair.Describe());
        Assert.Equal(hash, pair.Right.Hash());
        Assert.Equal(isRelayed, pair.Left.Connection.Route!.IsRelayed);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Relays_of_both_ends_carry_data_on_a_bad_network(int seed)
    {
        var quality = new LinkQuality(TimeSpan.FromMilliseconds(20)) { Loss = 0.02 };
        using var pair = ConnectionPair.Connected(seed, _symmetric, _symmetric, quality, isRelayOnly: true);
        var (messages, hash) = ConnectionPair.Flow(seed, 1 << 20, 50_000);

        pair.Left.Say(pair.Open(), messages);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.ReceivedBytes == 1 << 20, TimeSpan.FromMinutes(5)), pair.Describe());
        Assert.Equal(hash, pair.Right.Hash());
        Assert.True(pair.Left.Connection.Route!.IsWrapped);
        Assert.True(pair.Relay.ByChannel > 100);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_datagram_over_a_relay_is_larger_than_every_leg_takes(bool isRelayOnly)
    {
        using var pair = ConnectionPair.Connected(29, _symmetric, _symmetric, isRelayOnly: isRelayOnly);
        pair.Left.Say(pair.Open(), ConnectionPair.Flow(29, 1 << 20, 50_000).Messages);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.ReceivedBytes == 1 << 20, TimeSpan.FromMinutes(1)), pair.Describe());

        Assert.True(pair.Left.Connection.Route!.IsRelayed && pair.Right.Connection.Route!.IsRelayed);
        Assert.InRange(Math.Max(pair.Left.LargestDatagram, pair.Right.LargestDatagram), 1300, 1472);
        Assert.InRange(pair.Left.Connection.DatagramBytes, 1300, 1472);
    }

    [Fact]
    public void Datagrams_grow_when_a_direct_path_takes_the_place_of_a_relay()
    {
        using var pair = new ConnectionPair(30);
        pair.Internet.Swallow = (from, to, _) => !pair.Relay.Address.IsSameHost(from) && !pair.Relay.Address.IsSameHost(to);
        pair.Connect();
        pair.Internet.Run(TimeSpan.FromSeconds(5));
        var relayed = pair.Left.Connection.DatagramBytes;

        pair.Internet.Swallow = (_, _, _) => false;
        pair.Left.Do(connection => connection.Restart(pair.Internet.Now));
        PeerHost.Offer(pair.Left, pair.Right);
        pair.Internet.Run(TimeSpan.FromSeconds(10));

        Assert.False(pair.Left.Connection.Route!.IsRelayed);
        Assert.InRange(relayed, 1300, 1472);
        Assert.InRange(pair.Left.Connection.DatagramBytes, 16_000, PeerConnectionOptions.MostDatagramBytes);
    }

    [Fact]
    public void A_transfer_goes_on_over_another_interface_after_a_restart()
    {
        using var pair = ConnectionPair.Connected(23);
        var (messages, hash) = ConnectionPair.Flow(23, 20 << 20, 64 << 10);
        pair.Right.KeepsMessages = false;
        pair.Left.Say(pair.Open(), messages);
        pair.Internet.RunUntil(() => pair.Right.ReceivedBytes > 2 << 20, TimeSpan.FromMinutes(1));

        pair.Left.Add("198.51.100.11:4000");
        pair.Left.Do(connection => connection.RemoveLocal(Parley.Protocol.Stun.TransportAddress.Parse("198.51.100.10:4000"), pair.Internet.Now));
        pair.Left.Do(connection => connection.Restart(pair.Internet.Now));
        PeerHost.Offer(pair.Left, pair.Right);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.ReceivedBytes == 20 << 20, TimeSpan.FromMinutes(2)), pair.Describe());
        Assert.Equal(hash, pair.Right.Hash());
        Assert.Equal("198.51.100.11:4000", pair.Left.Connection.Route!.Local.ToString());
        Assert.True(pair.AreConnected);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_restart_of_either_end_keeps_channels_and_data(bool isLeft)
    {
        using var pair = ConnectionPair.Connected(24);
        var channel = pair.Open();
        var (one, other) = isLeft ? (pair.Left, pair.Right) : (pair.Right, pair.Left);

        one.Do(connection => connection.Restart(pair.Internet.Now));
        PeerHost.Offer(one, other);
        pair.Internet.Run(TimeSpan.FromSeconds(5));
        pair.Left.Say(channel, [1, 2, 3]);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.Messages.Count == 1, TimeSpan.FromSeconds(5)), pair.Describe());
        Assert.True(pair.AreConnected);
        Assert.DoesNotContain(one.Seen, happened => happened.Kind == PeerConnectionEventKind.ChannelClosed);
    }

    [Fact]
    public void Both_ends_restarting_at_once_agree_on_one_offer()
    {
        using var pair = ConnectionPair.Connected(25);
        var channel = pair.Open();

        pair.Left.Do(connection => connection.Restart(pair.Internet.Now));
        pair.Right.Do(connection => connection.Restart(pair.Internet.Now));
        var (offer, crossed) = (pair.Left.Connection.CreateOffer(), pair.Right.Connection.CreateOffer());
        Assert.Throws<Parley.Protocol.Errors.ParleyException>(() => pair.Left.Connection.AcceptOffer(crossed, pair.Internet.Now));
        pair.Right.Do(connection =>
        {
            var answer = connection.AcceptOffer(offer, pair.Internet.Now);
            pair.Left.Do(left => left.AcceptAnswer(answer, pair.Internet.Now));
        });
        pair.Internet.Run(TimeSpan.FromSeconds(5));
        pair.Left.Say(channel, [1]);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.Messages.Count == 1, TimeSpan.FromSeconds(5)), pair.Describe());
        Assert.True(pair.AreConnected);
    }

    [Fact]
    public void A_NAT_that_forgets_is_survived_by_a_restart()
    {
        using var pair = ConnectionPair.Connected(26, _cone, _cone);
        var (messages, hash) = ConnectionPair.Flow(26, 20 << 20, 64 << 10);
        pair.Right.KeepsMessages = false;
        pair.Left.Say(pair.Open(), messages);
        pair.Internet.RunUntil(() => pair.Right.ReceivedBytes > 1 << 20, TimeSpan.FromMinutes(1));

        pair.LeftNat!.Reset();
        pair.Internet.RunUntil(() => pair.Left.Connection.State == PeerConnectionState.Failed, TimeSpan.FromMinutes(2));
        Assert.Equal(PeerConnectionFailure.PathLost, pair.Left.Connection.Failure);
        pair.Left.Do(connection => connection.Restart(pair.Internet.Now));
        PeerHost.Offer(pair.Left, pair.Right);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.ReceivedBytes == 20 << 20, TimeSpan.FromMinutes(5)), pair.Describe());
        Assert.Equal(hash, pair.Right.Hash());
        Assert.Equal(PeerConnectionFailure.None, pair.Left.Connection.Failure);
    }

    [Fact]
    public void A_silent_network_is_told_as_disconnected_and_then_as_failed()
    {
        using var pair = ConnectionPair.Connected(27);

        pair.Internet.Quality = LinkQuality.Good with { Loss = 1 };

        Assert.True(pair.Internet.RunUntil(() => pair.Left.Connection.State == PeerConnectionState.Disconnected, TimeSpan.FromSeconds(20)), pair.Describe());
        Assert.True(pair.Internet.RunUntil(() => pair.Left.Connection.State == PeerConnectionState.Failed, TimeSpan.FromSeconds(40)), pair.Describe());
        Assert.Equal(PeerConnectionFailure.PathLost, pair.Left.Connection.Failure);
        Assert.Null(pair.Left.Connection.Route);
    }

    [Fact]
    public void Hosts_that_cannot_meet_fail_for_want_of_a_path()
    {
        using var pair = new ConnectionPair(28, _symmetric, _symmetric, hasRelay: false);

        PeerHost.Introduce(pair.Left, pair.Right);

        Assert.True(pair.Internet.RunUntil(() => pair.Left.Connection.State == PeerConnectionState.Failed, TimeSpan.FromMinutes(2)), pair.Describe());
        Assert.Equal(PeerConnectionFailure.NoPath, pair.Left.Connection.Failure);
    }

    private static NatKind? Kind(string name) => name switch { "cone" => _cone, "symmetric" => _symmetric, _ => null };
}
