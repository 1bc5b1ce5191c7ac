using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Testing.Network;
using Parley.WebRtc.Channels;
using Parley.WebRtc.Sctp;

namespace Parley.Tests.WebRtc;

public sealed class DataChannelsTests
{
    private readonly ChannelPair _pair = new(new PathConditions { Delay = TimeSpan.FromMilliseconds(5) });

    [Fact]
    public void A_channel_that_one_opens_the_other_gets_as_it_was_asked_for()
    {
        var options = new DataChannelOptions { Label = "files", Protocol = "parley", IsOrdered = false, MaxRetransmits = 2, Priority = 512 };

        var ours = _pair.A.Open(options, _pair.Now);
        _pair.Run();

        var theirs = _pair.Theirs("files");
        Assert.Equal((options, ours.Id, DataChannelState.Open), (theirs.Options, theirs.Id, theirs.State));
    }

    [Fact]
    public void Both_may_open_at_once_since_their_numbers_differ()
    {
        var (first, second) = (_pair.A.Open(new DataChannelOptions { Label = "a" }, _pair.Now), _pair.B.Open(new DataChannelOptions { Label = "b" }, _pair.Now));

        _pair.Run();

        Assert.Equal((0, 1), (first.Id % 2, second.Id % 2));
        Assert.Equal((2, 2), (_pair.A.Count, _pair.B.Count));
    }

    [Theory]
    [InlineData("text", true)]
    [InlineData("bytes", false)]
    [InlineData("", true)]
    [InlineData("", false)]
    public void Messages_keep_their_kind_and_may_be_empty(string content, bool isText)
    {
        var channel = _pair.A.Open(new DataChannelOptions(), _pair.Now);
        _pair.Run();

        channel.Send(System.Text.Encoding.UTF8.GetBytes(content), isText, _pair.Now);
        _pair.Run();

        Assert.Equal([(channel.Id, content, isText)], _pair.HeardByB);
    }

    [Fact]
    public void Messages_of_an_unordered_channel_do_not_overtake_its_opening()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var pair = new ChannelPair(new PathConditions { Delay = TimeSpan.FromMilliseconds(5), Jitter = TimeSpan.FromMilliseconds(20), Loss = 0.1 }, seed);
            var channel = pair.A.Open(new DataChannelOptions { IsOrdered = false }, pair.Now);
            pair.RunUntil(() => channel.State == DataChannelState.Open);
            for (var i = 0; i < 5; i++)
            {
                channel.Send("x"u8, true, pair.Now);
            }

            pair.Run();

            Assert.Equal(5, pair.HeardByB.Count);
        }
    }

    [Fact]
    public void A_message_larger_than_the_peer_takes_is_refused_with_the_limit()
    {
        var pair = new ChannelPair(new PathConditions(), limits: new DataChannelLimits { PeerMaxMessageBytes = 1000 });
        var channel = pair.A.Open(new DataChannelOptions(), pair.Now);
        pair.Run();

        var refusal = Assert.Throws<ParleyException>(() => channel.Send(new byte[1001], false, pair.Now));

        Assert.Equal(ErrorCode.MessageTooLarge, refusal.Code);
        Assert.Contains("1000 bytes", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(DataChannelSendResult.Accepted, channel.Send(new byte[1000], false, pair.Now));
    }

    [Fact]
    public void Closing_delivers_first_and_closes_both_ends()
    {
        var channel = _pair.A.Open(new DataChannelOptions { Label = "c" }, _pair.Now);
        _pair.Run();
        var theirs = _pair.Theirs("c");

        channel.Send(new byte[60_000], false, _pair.Now);
        channel.Close();
        _pair.Run();

        Assert.Single(_pair.HeardByB);
        Assert.Equal((DataChannelState.Closed, DataChannelState.Closed), (channel.State, theirs.State));
        Assert.Equal((0, 0), (_pair.A.Count, _pair.B.Count));
    }

    [Fact]
    public void A_closed_channels_number_is_used_again()
    {
        for (var round = 0; round < 5; round++)
        {
            var channel = _pair.A.Open(new DataChannelOptions { Label = $"round {round}" }, _pair.Now);
            _pair.Run();
            channel.Send("hello"u8, true, _pair.Now);
            _pair.Run();
            channel.Close();
            _pair.Run();

            Assert.Equal((0, DataChannelState.Closed), (channel.Id, channel.State));
        }

        Assert.Equal(5, _pair.HeardByB.Count);
    }

    [Fact]
    public void A_channel_closed_before_it_was_announced_is_over_at_once()
    {
        var pair = new ChannelPair(new PathConditions(), isConnected: false);
        var channel = pair.A.Open(new DataChannelOptions(), pair.Now);

        channel.Close();

        Assert.Equal((DataChannelState.Closed, 0), (channel.State, pair.A.Count));
    }

    [Fact]
    public void Channels_opened_before_the_association_open_with_it()
    {
        var pair = new ChannelPair(new PathConditions(), isConnected: false);
        var channel = pair.A.Open(new DataChannelOptions { Label = "early" }, pair.Now);
        Assert.Equal(DataChannelSendResult.Closed, channel.Send("x"u8, true, pair.Now));

        pair.Connect();
        pair.Run();

        Assert.Equal(DataChannelState.Open, pair.Theirs("early").State);
    }

    [Fact]
    public void Channels_beyond_the_limit_are_refused_here_and_closed_when_the_peer_opens_them()
    {
        var pair = new ChannelPair(new PathConditions(), limits: new DataChannelLimits { MaxChannels = 5 }, otherLimits: new DataChannelLimits { MaxChannels = 3 });
        var channels = Enumerable.Range(0, 5).Select(_ => pair.A.Open(new DataChannelOptions(), pair.Now)).ToArray();

        Assert.Equal(ErrorCode.RateLimited, Assert.Throws<ParleyException>(() => pair.A.Open(new DataChannelOptions(), pair.Now)).Code);
        pair.Run();

        Assert.Equal(3, pair.B.Count);
        Assert.Equal(3, channels.Count(channel => channel.State == DataChannelState.Open));
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused() =>
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(
            () => _pair.A.Open(new DataChannelOptions { MaxRetransmits = 1, Lifetime = TimeSpan.FromSeconds(1) }, _pair.Now)).Code);

    [Fact]
    public void The_end_of_the_association_closes_all_channels()
    {
        var channel = _pair.A.Open(new DataChannelOptions(), _pair.Now);
        _pair.Run();

        _pair.AbortB();
        _pair.Run();

        Assert.Equal(DataChannelState.Closed, channel.State);
        Assert.Contains(_pair.EventsOfA, happened => happened is { Kind: DataChannelEventKind.Failed, Failure: SctpFailure.PeerAborted });
    }

    [Fact]
    public void Buffered_bytes_sink_as_they_are_sent()
    {
        var channel = _pair.A.Open(new DataChannelOptions(), _pair.Now);
        _pair.Run();

        while (channel.Send(new byte[60_000], false, _pair.Now) == DataChannelSendResult.Accepted)
        {
        }

        var before = channel.BufferedAmount;
        _pair.Run();

        Assert.InRange(before, 4_000_000, 4 << 20);
        Assert.Equal(0, channel.BufferedAmount);
        Assert.Contains(_pair.EventsOfA, happened => happened.Kind == DataChannelEventKind.Writable);
    }

    [Fact]
    public void Nothing_overtakes_an_opening_that_waits_for_room()
    {
        var first = _pair.A.Open(new DataChannelOptions(), _pair.Now);
        _pair.Run();
        FillBut(first, 5);

        var late = _pair.A.Open(new DataChannelOptions { Label = "late" }, _pair.Now);
        var early = late.Send("1"u8, true, _pair.Now);
        _pair.Run();
        var afterwards = late.Send("2"u8, true, _pair.Now);
        _pair.Run();

        Assert.Equal((DataChannelSendResult.Full, DataChannelSendResult.Accepted), (early, afterwards));
        Assert.Contains(_pair.EventsOfA, happened => happened.Kind == DataChannelEventKind.Writable);
        Assert.Equal([(late.Id, "2", true)], _pair.HeardByB.Where(message => message.Channel == late.Id));
    }

    [Fact]
    public void An_opening_that_found_no_room_goes_before_the_first_message()
    {
        var first = _pair.A.Open(new DataChannelOptions(), _pair.Now);
        _pair.Run();
        FillBut(first, 5);
        var late = _pair.A.Open(new DataChannelOptions { Label = "late" }, _pair.Now);

        _pair.Travel(() => first.BufferedAmount < 4_000_000);
        var result = late.Send("1"u8, true, _pair.Now);
        _pair.Run();

        Assert.Equal(DataChannelSendResult.Accepted, result);
        Assert.Equal([(late.Id, "1", true)], _pair.HeardByB.Where(message => message.Channel == late.Id));
    }

    [Fact]
    public void A_close_reaches_a_reader_that_had_no_room_for_it()
    {
        var pair = new ChannelPair(new PathConditions(), options: new SctpOptions { ReceiveBufferBytes = 64 << 10 });
        var channel = pair.A.Open(new DataChannelOptions { Label = "full" }, pair.Now);
        pair.Run();
        pair.IsBReading = false;
        while (channel.BufferedAmount == 0)
        {
            channel.Send([1], false, pair.Now);
            pair.Travel(() => channel.BufferedAmount == 0, TimeSpan.FromMilliseconds(100));
        }

        channel.Close();
        pair.Travel(() => false, TimeSpan.FromMinutes(5));
        var meanwhile = channel.State;
        pair.IsBReading = true;
        pair.Run();

        Assert.Equal(DataChannelState.Closing, meanwhile);
        Assert.Contains(pair.EventsOfB, happened => happened.Kind == DataChannelEventKind.Closing);
        Assert.Equal((DataChannelState.Closed, DataChannelState.Closed), (channel.State, pair.Theirs("full").State));
    }

    [Fact]
    public void The_bytes_of_an_opening_are_those_of_the_standard()
    {
        var bytes = DcepMessage.Open(new DataChannelOptions { Label = "ab", Protocol = "c", IsOrdered = false, Lifetime = TimeSpan.FromMilliseconds(500), Priority = 128 });

        Assert.Equal("038200800000" + "01F4" + "0002" + "0001" + "616263", Convert.ToHexString(bytes));
    }

    /// <summary>Gives a channel messages until so many bytes are left of the buffer.</summary>
    private void FillBut(DataChannel channel, int left)
    {
        for (var room = new SctpOptions().SendBufferBytes - left; room > 0; room -= 60_000)
        {
            channel.Send(new byte[Math.Min(room, 60_000)], false, _pair.Now);
        }
    }
}
