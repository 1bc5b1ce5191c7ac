using Parley.Protocol.Errors;
using Parley.Testing.Network;
using Parley.WebRtc.Channels;
using Parley.WebRtc.Connections;
using Parley.WebRtc.Sctp;

namespace Parley.Tests.WebRtc.Connections;

public sealed class PeerConnectionTransferTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(16 << 10)]
    [InlineData(64 << 10)]
    [InlineData(256 << 10)]
    public void A_message_of_any_size_arrives_whole_both_ways(int size)
    {
        using var pair = ConnectionPair.Connected(1);
        var message = new byte[size];
        new Random(size).NextBytes(message);

        pair.Left.Say(pair.Open(), message);
        pair.Right.Say(pair.Theirs(), message);

        Assert.True(pair.Internet.RunUntil(() => pair.Left.Messages.Count + pair.Right.Messages.Count == 2, TimeSpan.FromSeconds(30)), pair.Describe());
        Assert.Equal(message, pair.Left.Messages[0].Payload);
        Assert.Equal(message, pair.Right.Messages[0].Payload);
    }

    [Fact]
    public void Fifty_megabytes_arrive_in_order_and_unchanged()
    {
        using var pair = ConnectionPair.Connected(2);
        var (messages, hash) = ConnectionPair.Flow(2, 50 << 20, 64 << 10);
        pair.Right.KeepsMessages = false;

        pair.Left.Say(pair.Open(), messages);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.ReceivedBytes == 50 << 20, TimeSpan.FromMinutes(2)), pair.Describe());
        Assert.Equal(hash, pair.Right.Hash());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Loss_doubling_and_jitter_change_nothing_but_the_time(int seed)
    {
        var quality = new LinkQuality(TimeSpan.FromMilliseconds(10)) { Loss = 0.02, Duplication = 0.02, Jitter = TimeSpan.FromMilliseconds(5) };
        using var pair = ConnectionPair.Connected(seed, quality: quality, options: new PeerConnectionOptions { MaxDatagramBytes = 1200 });
        var (messages, hash) = ConnectionPair.Flow(seed, 5 << 20, 30_000);
        var (back, backHash) = ConnectionPair.Flow(seed + 1, 5 << 20, 7_000);
        (pair.Left.KeepsMessages, pair.Right.KeepsMessages) = (false, false);

        pair.Left.Say(pair.Open(), messages);
        pair.Right.Say(pair.Theirs(), back);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.ReceivedBytes == 5 << 20 && pair.Left.ReceivedBytes == 5 << 20, TimeSpan.FromMinutes(20)), pair.Describe());
        Assert.Equal(hash, pair.Right.Hash());
        Assert.Equal(backHash, pair.Left.Hash());
    }

    [Fact]
    public void Larger_datagrams_are_used_once_a_probe_has_proved_them()
    {
        using var pair = ConnectionPair.Connected(5, quality: LinkQuality.Good with { MaxDatagramBytes = 1500 });
        var (messages, _) = ConnectionPair.Flow(5, 1 << 20, 64 << 10);

        pair.Left.Say(pair.Open(), messages);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.ReceivedBytes == 1 << 20, TimeSpan.FromMinutes(1)), pair.Describe());
        Assert.True(pair.Internet.RunUntil(() => pair.Left.Connection.DatagramBytes > 1400, TimeSpan.FromMinutes(1)));
        Assert.InRange(pair.Left.Connection.DatagramBytes, 1401, 1500);
        Assert.True(pair.Left.Probes > 0);
    }

    [Fact]
    public void A_peer_that_does_not_say_that_it_takes_them_gets_no_larger_datagrams_than_Ethernets()
    {
        using var pair = new ConnectionPair(11);
        pair.Right.Describing = text => string.Join("\r\n", text.Split("\r\n").Where(line => !line.StartsWith("a=x-parley", StringComparison.Ordinal)));
        pair.Connect();
        var (messages, _) = ConnectionPair.Flow(11, 1 << 20, 64 << 10);

        pair.Left.Say(pair.Open(), messages);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.ReceivedBytes == 1 << 20, TimeSpan.FromMinutes(1)), pair.Describe());
        Assert.InRange(pair.Left.LargestDatagram, 1300, 1472);
        Assert.True(pair.Right.LargestDatagram > 10_000);
    }

    [Fact]
    public void A_reader_that_stops_stops_the_sender()
    {
        using var pair = ConnectionPair.Connected(6);
        var (messages, hash) = ConnectionPair.Flow(6, 20 << 20, 64 << 10);
        pair.Right.KeepsMessages = false;
        var channel = pair.Open();
        pair.Right.IsReading = false;

        pair.Left.Say(channel, messages);
        pair.Internet.Run(TimeSpan.FromSeconds(20));

        Assert.False(pair.Left.HasSaidAll);
        Assert.Equal(0, pair.Right.ReceivedBytes);
        pair.Right.IsReading = true;
        pair.Right.Do(_ => { });
        Assert.True(pair.Internet.RunUntil(() => pair.Right.ReceivedBytes == 20 << 20, TimeSpan.FromMinutes(2)), pair.Describe());
        Assert.Equal(hash, pair.Right.Hash());
    }

    [Fact]
    public void A_message_beyond_the_peers_limit_is_refused_here()
    {
        using var pair = ConnectionPair.Connected(7);
        var channel = pair.Open();

        var refused = Assert.Throws<ParleyException>(() => channel.Send(new byte[(256 << 10) + 1], isText: false, pair.Internet.Now));

        Assert.Equal(ErrorCode.MessageTooLarge, refused.Code);
        Assert.Equal(256 << 10, pair.Left.Connection.PeerMaxMessageBytes);
    }

    [Fact]
    public void A_message_beyond_our_own_limit_ends_the_connection()
    {
        var sctp = new SctpOptions { MaxMessageBytes = 100_000 };
        using var pair = new ConnectionPair(8, options: new PeerConnectionOptions { Sctp = sctp });
        pair.Right.Describing = text => text.Replace("a=max-message-size:100000", "a=max-message-size:0", StringComparison.Ordinal);
        pair.Connect();

        pair.Left.Say(pair.Open(), new byte[200_000]);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.Connection.State == PeerConnectionState.Failed, TimeSpan.FromSeconds(10)), pair.Describe());
        Assert.Equal(PeerConnectionFailure.ProtocolViolation, pair.Right.Connection.Failure);
    }

    [Fact]
    public void Channels_are_opened_from_both_ends()
    {
        using var pair = ConnectionPair.Connected(9);

        pair.Left.Do(connection => connection.OpenChannel(new DataChannelOptions { Label = "left" }, pair.Internet.Now));
        pair.Right.Do(connection => connection.OpenChannel(new DataChannelOptions { Label = "right", IsOrdered = false, MaxRetransmits = 3 }, pair.Internet.Now));
        pair.Internet.Run(TimeSpan.FromSeconds(1));

        Assert.Equal("right", pair.Left.Seen.Single(one => one.Kind == PeerConnectionEventKind.PeerOpenedChannel).Channel!.Label);
        Assert.Equal("left", pair.Right.Seen.Single(one => one.Kind == PeerConnectionEventKind.PeerOpenedChannel).Channel!.Label);
        Assert.Equal(3, pair.Left.Seen.Single(one => one.Kind == PeerConnectionEventKind.PeerOpenedChannel).Channel!.Options.MaxRetransmits);
    }

    [Fact]
    public void Data_costs_no_allocation()
    {
        using var pair = ConnectionPair.Connected(10, options: new PeerConnectionOptions { MaxDatagramBytes = 1200 });
        var (channel, message, room) = (pair.Open(), new byte[1100], new byte[ushort.MaxValue]);
        var (left, right, now, read) = (pair.Left.Connection, pair.Right.Connection, pair.Internet.Now, 0);
        void Pass(PeerConnection from, PeerConnection to)
        {
            for (int length; (length = from.Poll(room, out var local, out var remote, out _, now)) > 0;)
            {
                to.Receive(room.AsSpan(0, length), remote, local, now);
            }

            while (to.TryRead(now, out var happened))
            {
                read += happened.Kind == PeerConnectionEventKind.Message ? 1 : 0;
            }
        }

        void Round()
        {
            // Every second packet is acknowledged at once.
            channel.Send(message, isText: false, now);
            Pass(left, right);
            channel.Send(message, isText: false, now);
            Pass(left, right);
            Pass(right, left);
        }

        for (var count = 0; count < 200; count++)
        {
            Round();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var count = 0; count < 200; count++)
        {
            Round();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(800, read);
    }
}
