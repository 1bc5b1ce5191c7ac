using Parley.Protocol.Errors;
using Parley.Testing.Network;
using Parley.WebRtc.Channels;
using Parley.WebRtc.Connections;

namespace Parley.Tests.WebRtc.Connections;

public sealed class PeerConnectionEndingTests
{
    [Fact]
    public void Closing_delivers_first_and_ends_both_ends()
    {
        using var pair = ConnectionPair.Connected(40);
        var (messages, hash) = ConnectionPair.Flow(40, 3 << 20, 64 << 10);

        pair.Left.Say(pair.Open(), messages);
        pair.Left.Do(connection => connection.Close(pair.Internet.Now));

        Assert.True(pair.Left.HasSaidAll);
        Assert.True(pair.Internet.RunUntil(() => pair.Left.Connection.IsDone && pair.Right.Connection.IsDone, TimeSpan.FromSeconds(9)), pair.Describe());
        Assert.Equal(hash, pair.Right.Hash());
        Assert.Equal(PeerConnectionState.Closed, pair.Left.Connection.State);
        Assert.Equal(PeerConnectionState.Closed, pair.Right.Connection.State);
        Assert.Equal(new PeerConnectionEvent(PeerConnectionEventKind.StateChanged, State: PeerConnectionState.Closed), pair.Right.Seen[^1]);
        Assert.Null(pair.Left.Connection.NextTimeout);
    }

    [Fact]
    public void Both_ends_may_close_at_once()
    {
        using var pair = ConnectionPair.Connected(41);

        pair.Left.Do(connection => connection.Close(pair.Internet.Now));
        pair.Right.Do(connection => connection.Close(pair.Internet.Now));

        Assert.True(pair.Internet.RunUntil(() => pair.Left.Connection.IsDone && pair.Right.Connection.IsDone, TimeSpan.FromSeconds(5)), pair.Describe());
        Assert.Equal(PeerConnectionFailure.None, pair.Left.Connection.Failure);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_last_word_that_is_lost_is_said_again(int lost)
    {
        using var pair = ConnectionPair.Connected(47);
        var left = lost;
        pair.Internet.Swallow = (from, _, _) => pair.Left.Connection.State == PeerConnectionState.Closed && from.ToString() == "198.51.100.10:4000" && left-- > 0;

        pair.Left.Do(connection => connection.Close(pair.Internet.Now));

        Assert.True(pair.Internet.RunUntil(() => pair.Left.Connection.IsDone && pair.Right.Connection.IsDone, TimeSpan.FromSeconds(10)), pair.Describe());
        Assert.Equal(PeerConnectionState.Closed, pair.Right.Connection.State);
    }

    [Fact]
    public void An_abort_is_told_to_the_peer_at_once()
    {
        using var pair = ConnectionPair.Connected(42);
        var channel = pair.Open();

        pair.Left.Do(connection => connection.Abort());

        Assert.True(pair.Internet.RunUntil(() => pair.Right.Connection.State == PeerConnectionState.Closed, TimeSpan.FromSeconds(1)), pair.Describe());
        Assert.Equal(DataChannelState.Closed, channel.State);
        Assert.Contains(pair.Right.Seen, happened => happened.Kind == PeerConnectionEventKind.ChannelClosed);
    }

    [Fact]
    public void Closing_towards_nobody_ends_after_its_time()
    {
        using var pair = ConnectionPair.Connected(43);
        pair.Left.Say(pair.Open(), [1]);
        pair.Internet.Quality = LinkQuality.Good with { Loss = 1 };

        pair.Left.Do(connection => connection.Close(pair.Internet.Now));

        Assert.False(pair.Internet.RunUntil(() => pair.Left.Connection.IsDone, TimeSpan.FromSeconds(9.9)));
        Assert.True(pair.Internet.RunUntil(() => pair.Left.Connection.IsDone, TimeSpan.FromSeconds(1)), pair.Describe());
    }

    [Fact]
    public void A_peer_that_closed_and_is_gone_has_closed()
    {
        using var pair = ConnectionPair.Connected(48);
        pair.Internet.Swallow = (from, _, _) => pair.Left.Connection.State == PeerConnectionState.Closed && from.ToString() == "198.51.100.10:4000";

        pair.Left.Do(connection => connection.Close(pair.Internet.Now));

        Assert.True(pair.Internet.RunUntil(() => pair.Right.Connection.IsDone, TimeSpan.FromMinutes(1)), pair.Describe());
        Assert.Equal(PeerConnectionState.Closed, pair.Right.Connection.State);
        Assert.Equal(PeerConnectionFailure.None, pair.Right.Connection.Failure);
    }

    [Fact]
    public void A_relayed_address_is_given_back()
    {
        using var pair = ConnectionPair.Connected(44, isRelayOnly: true);

        pair.Left.Do(connection => connection.Close(pair.Internet.Now));
        pair.Internet.Run(TimeSpan.FromSeconds(5));

        Assert.Equal(0, pair.Relay.Allocations);
    }

    [Fact]
    public void A_connection_may_be_closed_before_it_is_one()
    {
        using var pair = new ConnectionPair(45);

        pair.Left.Do(connection => connection.Close(pair.Internet.Now));

        Assert.True(pair.Left.Connection.IsDone);
        Assert.Throws<ParleyException>(() => pair.Left.Connection.CreateOffer());
    }

    [Fact]
    public void After_the_end_every_call_is_harmless()
    {
        using var pair = ConnectionPair.Connected(46);
        var channel = pair.Open();
        var (connection, now, room) = (pair.Left.Connection, pair.Internet.Now, new byte[ushort.MaxValue]);

        connection.Dispose();
        connection.Receive(new byte[100], default, default, now);
        connection.HandleTimeout(now);
        connection.Restart(now);
        connection.Close(now);
        connection.Abort();

        Assert.Equal(0, connection.Poll(room, out _, out _, out _, now));
        Assert.Null(connection.NextTimeout);
        while (connection.TryRead(now, out _))
        {
        }

        Assert.Equal(DataChannelSendResult.Closed, channel.Send([1], isText: false, now));
        Assert.Throws<ParleyException>(() => connection.OpenChannel(new DataChannelOptions(), now));
    }
}
