using Parley.Testing.Network;
using Parley.WebRtc.Sctp;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.Tests.WebRtc;

public sealed class SctpDeliveryTests
{
    private static readonly PathConditions _near = new() { Delay = TimeSpan.FromMilliseconds(10) };

    [Fact]
    public void Unordered_messages_pass_one_that_is_missing()
    {
        var pair = SctpPair.Connected(_near);
        DropFirstData(pair);

        pair.A.Say(1, [1], new SctpDelivery { IsUnordered = true });
        pair.RunFor(TimeSpan.FromMilliseconds(1));
        pair.A.Say(1, [2], new SctpDelivery { IsUnordered = true });
        pair.RunUntil(() => pair.B.ReceivedCount == 2);

        Assert.Equal([2, 1], pair.B.Messages.Select(message => (int)message.Payload[0]));
    }

    [Fact]
    public void A_missing_message_holds_back_its_own_stream_only()
    {
        var pair = SctpPair.Connected(_near);
        DropFirstData(pair);

        pair.A.Say(1, [1]);
        pair.RunFor(TimeSpan.FromMilliseconds(1));
        pair.A.Say(1, [2]);
        pair.A.Say(2, [3]);
        pair.RunUntil(() => pair.B.ReceivedCount == 3);

        Assert.Equal([3, 1, 2], pair.B.Messages.Select(message => (int)message.Payload[0]));
    }

    [Fact]
    public void Large_messages_past_a_gap_are_put_together_there()
    {
        var pair = SctpPair.Connected(_near);
        DropFirstData(pair);
        var large = new byte[8000];
        new Random(1).NextBytes(large);

        pair.A.Say(1, [1]);
        pair.RunFor(TimeSpan.FromMilliseconds(1));
        pair.A.Say(2, large);
        pair.A.Say(1, [2]);
        pair.RunUntil(() => pair.B.ReceivedCount == 3);

        Assert.Equal([large, [1], [2]], pair.B.Messages.Select(message => message.Payload));
    }

    [Fact]
    public void Streams_share_the_path_by_their_weight()
    {
        var pair = SctpPair.Connected(new PathConditions { Delay = TimeSpan.FromMilliseconds(5), BytesPerSecond = 1_000_000 });
        pair.A.Association.SetWeight(2, 768);
        for (var i = 0; i < 150; i++)
        {
            pair.A.Say(1, new byte[10_000]);
            pair.A.Say(2, new byte[10_000]);
        }

        pair.RunUntil(() => pair.B.ReceivedCount == 100);

        Assert.InRange(pair.B.Messages.Count(message => message.Stream == 2), 70, 80);
    }

    [Fact]
    public void A_short_message_does_not_wait_for_the_whole_queue_of_another_stream()
    {
        var pair = SctpPair.Connected(new PathConditions { Delay = TimeSpan.FromMilliseconds(5), BytesPerSecond = 1_000_000 });
        for (var i = 0; i < 100; i++)
        {
            pair.A.Say(1, new byte[30_000]);
        }

        pair.RunUntil(() => pair.B.ReceivedCount == 5);
        pair.A.Say(2, [1]);
        pair.RunUntil(() => pair.B.Messages.Exists(message => message.Stream == 2));

        Assert.InRange(pair.B.ReceivedCount, 6, 20);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Messages_with_a_limit_are_given_up_and_the_rest_arrives_in_order(bool isByTime)
    {
        var pair = SctpPair.Connected(_near with { Loss = 0.1 }, seed: 5);
        var delivery = isByTime ? new SctpDelivery { Lifetime = TimeSpan.FromMilliseconds(15) } : new SctpDelivery { MaxRetransmits = 0 };
        for (var i = 0; i < 500; i++)
        {
            pair.A.Say(1, [(byte)(i >> 8), (byte)i, .. new byte[3000]], delivery);
            pair.RunFor(TimeSpan.FromMilliseconds(2));
        }

        pair.A.Say(1, [255, 255]);
        var isLastThere = pair.RunUntil(() => pair.B.Messages is [.., (_, [255, 255])], TimeSpan.FromMinutes(1));

        var numbers = pair.B.Messages.Select(message => (message.Payload[0] << 8) | message.Payload[1]).ToArray();
        Assert.True(isLastThere);
        Assert.Equal(numbers.Order(), numbers);
        Assert.InRange(numbers.Length, 250, 480);
    }

    [Fact]
    public void Unordered_messages_with_a_limit_leave_the_association_whole()
    {
        var pair = SctpPair.Connected(_near with { Loss = 0.2 }, seed: 6);
        for (var i = 0; i < 300; i++)
        {
            pair.A.Say(1, new byte[5000], new SctpDelivery { IsUnordered = true, MaxRetransmits = 1 });
        }

        pair.A.Say(3, [9]);
        var arrived = pair.RunUntil(() => pair.B.Messages.Exists(message => message.Stream == 3) && pair.A.Association.OutstandingBytes == 0, TimeSpan.FromMinutes(1));

        Assert.True(arrived);
    }

    [Fact]
    public void A_stream_that_was_reset_begins_anew()
    {
        var pair = SctpPair.Connected(_near);
        pair.A.Say(1, [1]);
        pair.A.Say(1, [2]);
        pair.RunUntil(() => pair.B.ReceivedCount == 2);

        pair.A.Association.ResetStream(1);
        pair.RunUntil(() => pair.A.Has(SctpEventKind.OutgoingReset));
        pair.A.Say(1, [3]);
        var arrived = pair.RunUntil(() => pair.B.ReceivedCount == 3, TimeSpan.FromSeconds(10));

        Assert.True(arrived);
        Assert.True(pair.B.Has(SctpEventKind.IncomingReset));
    }

    [Fact]
    public void A_reset_comes_after_what_was_sent_before_it_even_on_a_bad_path()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var pair = SctpPair.Connected(_near with { Loss = 0.2, Reordering = 0.2, Duplication = 0.1 }, seed);
            for (var round = 1; round <= 5; round++)
            {
                pair.A.Say(4, new byte[20_000]);
                pair.A.Say(4, [(byte)round]);
                pair.RunUntil(() => pair.A.HasSentAll);
                pair.A.Association.ResetStream(4);
                var resets = pair.A.Events.Count(happened => happened.Kind == SctpEventKind.OutgoingReset);
                Assert.True(pair.RunUntil(() => pair.A.Events.Count(happened => happened.Kind == SctpEventKind.OutgoingReset) > resets, TimeSpan.FromMinutes(1)), $"seed {seed}");
            }

            Assert.Equal([1, 2, 3, 4, 5], pair.B.Messages.Where(message => message.Payload.Length == 1).Select(message => (int)message.Payload[0]));
        }
    }

    [Fact]
    public void A_stream_being_reset_takes_no_message()
    {
        var pair = SctpPair.Connected(_near);
        pair.A.Association.ResetStream(1);

        var result = pair.A.Association.Send(1, 53, [1], default, pair.Now);

        Assert.Equal(SctpSendResult.Closed, result);
    }

    [Fact]
    public void A_reader_that_stops_stops_the_sender_and_one_that_goes_on_gets_the_rest()
    {
        var pair = SctpPair.Connected(_near);
        pair.B.IsReading = false;
        for (var i = 0; i < 500; i++)
        {
            pair.A.Say(1, new byte[60_000]);
        }

        pair.RunFor(TimeSpan.FromMinutes(2));
        var waiting = pair.A.Association.BufferedBytes;
        pair.B.IsReading = true;
        var arrived = pair.RunUntil(() => pair.B.ReceivedCount == 500, TimeSpan.FromMinutes(1));

        Assert.InRange(waiting, 3_000_000, 4 << 20);
        Assert.True(arrived);
        Assert.Equal(SctpState.Established, pair.A.Association.State);
    }

    [Fact]
    public void A_window_whose_reopening_was_lost_is_found_open()
    {
        var pair = SctpPair.Connected(_near);
        pair.B.IsReading = false;
        for (var i = 0; i < 200; i++)
        {
            pair.A.Say(1, new byte[60_000]);
        }

        pair.RunFor(TimeSpan.FromSeconds(20));
        pair.B.IsReading = true;
        pair.ToA.Conditions = _near with { Loss = 1 };
        pair.RunFor(TimeSpan.FromSeconds(1));
        pair.ToA.Conditions = _near;
        var arrived = pair.RunUntil(() => pair.B.ReceivedCount == 200, TimeSpan.FromMinutes(1));

        Assert.True(arrived);
    }

    [Fact]
    public void Who_waits_to_write_is_told_when_half_is_gone()
    {
        var pair = SctpPair.Connected(_near);
        while (pair.A.Association.Send(1, 53, new byte[50_000], default, pair.Now) == SctpSendResult.Accepted)
        {
        }

        var isTold = pair.RunUntil(() => pair.A.Has(SctpEventKind.Writable), TimeSpan.FromSeconds(10));

        Assert.True(isTold);
        Assert.InRange(pair.A.Association.BufferedBytes, 0, 2 << 20);
    }

    [Fact]
    public void An_empty_message_is_refused() =>
        Assert.Throws<ArgumentException>(() => SctpPair.Connected().A.Association.Send(1, 53, [], default, TimeSpan.FromSeconds(2)));

    [Fact]
    public void A_stream_beyond_the_peers_limit_is_refused()
    {
        var pair = SctpPair.Connected(options: new SctpOptions(), otherOptions: new SctpOptions { MaxStreams = 10 });

        Assert.Equal(SctpSendResult.NoSuchStream, pair.A.Association.Send(10, 53, [1], default, pair.Now));
        Assert.Equal(SctpSendResult.Accepted, pair.A.Association.Send(9, 53, [1], default, pair.Now));
    }

    private static void DropFirstData(SctpPair pair)
    {
        var isDropped = false;
        pair.ToB.Drop = packet => !isDropped && (isDropped = packet.Span[12] == ChunkType.Data);
    }
}
