using System.Buffers.Binary;
using Parley.WebRtc.Sctp;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.Tests.WebRtc;

public sealed class SctpHostilePeerTests
{
    private const byte Whole = DataChunk.Begin | DataChunk.End;

    [Fact]
    public void A_packet_with_a_bit_flipped_is_ignored()
    {
        var peer = new HostilePeer();
        var packet = SctpBytes.Packet(peer.VictimTag, SctpBytes.Data(HostilePeer.FirstTsn, 1, 0, Whole, 100));
        packet[60] ^= 4;

        peer.Association.Receive(packet, peer.Now);
        peer.Hear();

        Assert.Equal((0, 1L), (peer.Victim.ReceivedCount, peer.Association.IgnoredPackets));
    }

    [Fact]
    public void A_wrong_tag_is_ignored_even_on_an_abort()
    {
        var peer = new HostilePeer();

        peer.Association.Receive(SctpBytes.Packet(peer.VictimTag + 1, SctpBytes.Chunk(ChunkType.Abort, 0)), peer.Now);
        peer.Association.Receive(SctpBytes.Packet(peer.VictimTag + 1, SctpBytes.Data(HostilePeer.FirstTsn, 1, 0, Whole, 1)), peer.Now);
        peer.Hear();

        Assert.Equal(SctpState.Established, peer.Association.State);
        Assert.Equal(0, peer.Victim.ReceivedCount);
    }

    [Fact]
    public void An_abort_that_reflects_our_peers_tag_is_believed()
    {
        var peer = new HostilePeer();

        peer.Association.Receive(SctpBytes.Packet(HostilePeer.Tag, SctpBytes.Chunk(ChunkType.Abort, 1)), peer.Now);
        peer.Hear();

        Assert.Equal(SctpFailure.PeerAborted, peer.Victim.Failure);
    }

    [Fact]
    public void Acknowledging_what_was_never_sent_ends_the_association()
    {
        var peer = new HostilePeer();

        peer.Tell(SctpBytes.Sack(peer.VictimTsn + 5, 1000));
        peer.Hear();

        Assert.Equal(SctpFailure.ProtocolViolation, peer.Victim.Failure);
    }

    [Fact]
    public void Gap_blocks_beyond_what_was_sent_or_upside_down_are_passed_over()
    {
        var peer = new HostilePeer();
        peer.Association.Send(1, 53, new byte[3000], default, peer.Now);
        peer.Hear();

        peer.Tell(SctpBytes.Sack(peer.VictimTsn - 1, 1 << 20, 500, 60_000, 3, 2, 0, 1, 2, 2));
        peer.Hear();

        Assert.Equal(SctpState.Established, peer.Association.State);
        Assert.InRange(peer.Association.OutstandingBytes, 1, 2000);
    }

    [Fact]
    public void A_peer_that_takes_back_what_it_acknowledged_gets_it_again()
    {
        var peer = new HostilePeer();
        peer.Association.Send(1, 53, new byte[5000], default, peer.Now);
        peer.Hear();
        peer.Tell(SctpBytes.Sack(peer.VictimTsn - 1, 1 << 20, 2, 5));
        peer.Hear();

        peer.Now += TimeSpan.FromSeconds(1);
        peer.Tell(SctpBytes.Sack(peer.VictimTsn, 1 << 20));
        for (var i = 0; i < 20; i++)
        {
            peer.Now += TimeSpan.FromSeconds(1);
            peer.Association.Tick(peer.Now);
        }

        var again = peer.Hear().Where(chunk => chunk.Type == ChunkType.Data).ToArray();
        Assert.NotEmpty(again);
    }

    [Fact]
    public void A_TSN_far_ahead_is_not_taken()
    {
        var peer = new HostilePeer();

        peer.Tell(SctpBytes.Data(HostilePeer.FirstTsn + 70_000, 1, 0, Whole, 100), SctpBytes.Data(HostilePeer.FirstTsn + 0x7000_0000, 1, 0, Whole, 100));
        var sack = peer.Hear().Single(chunk => chunk.Type == ChunkType.Sack);

        Assert.Equal(0, sack.Value[9]);
    }

    [Fact]
    public void A_message_that_never_ends_stays_within_its_limit()
    {
        var peer = new HostilePeer(new SctpOptions { MaxMessageBytes = 100_000 });

        for (var i = 0u; i < 200 && peer.Association.State == SctpState.Established; i++)
        {
            peer.Tell(SctpBytes.Data(HostilePeer.FirstTsn + i, 1, 0, i == 0 ? DataChunk.Begin : (byte)0, 1000));
            peer.Hear();
        }

        Assert.Equal(SctpFailure.MessageTooLarge, peer.Victim.Failure);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public void What_waits_behind_a_gap_stays_within_the_window(int size)
    {
        var peer = new HostilePeer(new SctpOptions { ReceiveBufferBytes = 1 << 20 });

        for (var i = 1u; i < 60_000; i++)
        {
            peer.Tell(SctpBytes.Data(HostilePeer.FirstTsn + i, 1, (ushort)i, Whole, size));
        }

        var sack = peer.Hear().Last(chunk => chunk.Type == ChunkType.Sack);
        var window = (sack.Value[4] << 24) | (sack.Value[5] << 16) | (sack.Value[6] << 8) | sack.Value[7];
        peer.Tell(SctpBytes.Data(HostilePeer.FirstTsn, 1, 0, Whole, 1));
        peer.Hear();

        Assert.InRange(window, 0, 2000);
        Assert.Equal(SctpState.Established, peer.Association.State);
        Assert.InRange(peer.Victim.ReceivedCount, 500, (1 << 20) / (size + 64) + 2);
    }

    [Fact]
    public void Small_messages_that_nobody_reads_stay_within_the_window()
    {
        var peer = new HostilePeer(new SctpOptions { ReceiveBufferBytes = 256 << 10 });
        peer.Victim.IsReading = false;

        for (var i = 0u; i < 20_000; i++)
        {
            peer.Tell(SctpBytes.Data(HostilePeer.FirstTsn + i, 1, (ushort)i, Whole, 1));
        }

        peer.Victim.IsReading = true;
        peer.Hear();
        Assert.InRange(peer.Victim.ReceivedCount, 1000, 9000);
    }

    [Fact]
    public void Thousands_of_streams_cost_little_and_those_beyond_the_limit_are_refused()
    {
        var peer = new HostilePeer();
        var errors = 0;

        for (var i = 0u; i < 20_000; i++)
        {
            peer.Tell(SctpBytes.Data(HostilePeer.FirstTsn + i, (ushort)i, 0, Whole, 1));
            errors += peer.Hear().Count(chunk => chunk.Type == ChunkType.Error);
        }

        Assert.Equal(1024, peer.Victim.ReceivedCount);
        Assert.InRange(errors, 1, 20_000);
        Assert.Equal(SctpState.Established, peer.Association.State);
    }

    [Theory]
    [InlineData(0, DataChunk.End)]
    [InlineData(3, Whole)]
    public void A_fragment_out_of_nowhere_ends_the_association(int ssn, byte flags)
    {
        var peer = new HostilePeer();

        peer.Tell(SctpBytes.Data(HostilePeer.FirstTsn, 1, (ushort)ssn, flags, 1));
        peer.Hear();

        Assert.Equal(SctpFailure.ProtocolViolation, peer.Victim.Failure);
    }

    [Fact]
    public void Skipping_far_ahead_is_done_at_once()
    {
        var peer = new HostilePeer();

        peer.Tell(SctpBytes.ForwardTsn(HostilePeer.FirstTsn + 0x7FFF_0000, 1, 5));
        peer.Tell(SctpBytes.Data(HostilePeer.FirstTsn + 0x7FFF_0001, 1, 6, Whole, 1));
        peer.Hear();

        Assert.Equal(1, peer.Victim.ReceivedCount);
    }

    [Fact]
    public void Skipping_a_message_that_waits_without_naming_its_stream_ends_the_association()
    {
        var peer = new HostilePeer();
        peer.Tell(SctpBytes.Data(HostilePeer.FirstTsn + 1, 1, 1, Whole, 1));

        peer.Tell(SctpBytes.ForwardTsn(HostilePeer.FirstTsn + 3));
        peer.Tell(SctpBytes.Data(HostilePeer.FirstTsn + 4, 1, 0, Whole, 1));
        peer.Hear();

        Assert.Equal(SctpFailure.ProtocolViolation, peer.Victim.Failure);
    }

    [Fact]
    public void Heartbeats_and_unknown_chunks_are_answered_within_limits()
    {
        var peer = new HostilePeer();

        for (var i = 0; i < 1000; i++)
        {
            peer.Tell(SctpBytes.Chunk(ChunkType.Heartbeat, 0, 0, 1, 0, 8, 1, 2, 3, 4), SctpBytes.Chunk(0xC5, 0, 1, 2, 3), SctpBytes.Chunk(0x85, 0, 1));
        }

        Assert.Equal(16, peer.Hear().Count(chunk => chunk.Type is ChunkType.HeartbeatAck or ChunkType.Error));
    }

    [Fact]
    public void An_unknown_chunk_that_says_stop_hides_what_follows()
    {
        var peer = new HostilePeer();

        peer.Tell(SctpBytes.Chunk(0x3F, 0, 1), SctpBytes.Data(HostilePeer.FirstTsn, 1, 0, Whole, 1));
        peer.Hear();

        Assert.Equal(0, peer.Victim.ReceivedCount);
    }

    [Fact]
    public void Reset_requests_without_end_are_answered_and_forgotten()
    {
        var peer = new HostilePeer();
        peer.Victim.IsReading = false;

        for (var i = 0u; i < 100_000; i++)
        {
            peer.Tell(ReconfigParameter.OutgoingChunk(HostilePeer.FirstTsn + i, 0, HostilePeer.FirstTsn - 1, [1, 2, 3, 4]));
        }

        peer.Victim.IsReading = true;
        peer.Hear();
        Assert.InRange(peer.Victim.Events.Count, 1, 70_000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Wishes_that_we_reset_are_denied_and_leave_nothing_behind(bool canReset)
    {
        var peer = new HostilePeer(canReset: canReset);
        peer.Victim.IsReading = false;
        var (wish, answers) = (new byte[8 + 2000], new List<uint>());
        (wish[1], wish[2], wish[3]) = ((byte)ReconfigParameter.IncomingReset, (byte)(wish.Length >> 8), unchecked((byte)wish.Length));
        for (var id = 0; id < 1000; id++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(wish.AsSpan(8 + (id * 2)), (ushort)id);
        }

        for (var i = 0u; i < 1000; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(wish.AsSpan(4), HostilePeer.FirstTsn + i);
            peer.Tell(SctpBytes.Chunk(ChunkType.Reconfig, 0, wish));
            foreach (var (_, value) in peer.Hear().Where(chunk => chunk.Type == ChunkType.Reconfig))
            {
                var isAnswer = value[1] == ReconfigParameter.Answer;
                answers.Add(isAnswer ? BinaryPrimitives.ReadUInt32BigEndian(value.AsSpan(8)) : uint.MaxValue);
                if (!isAnswer)
                {
                    peer.Tell(ReconfigParameter.AnswerChunk(BinaryPrimitives.ReadUInt32BigEndian(value.AsSpan(4)), ReconfigResult.Performed));
                }
            }
        }

        peer.Victim.IsReading = true;
        peer.Hear();
        Assert.DoesNotContain(peer.Victim.Events, happened => happened.Kind is SctpEventKind.OutgoingReset or SctpEventKind.ResetRefused);
        Assert.Equal(Enumerable.Repeat((uint)ReconfigResult.Denied, 1000), answers);
    }

    [Fact]
    public void A_peer_that_begins_anew_again_and_again_is_told_of_once_while_nobody_reads()
    {
        var peer = new HostilePeer();
        peer.Victim.IsReading = false;

        for (var round = 0; round < 1000; round++)
        {
            peer.BeginAnew();
        }

        peer.Victim.IsReading = true;
        peer.Hear();
        Assert.Equal(1, peer.Victim.Events.Count(happened => happened.Kind == SctpEventKind.Restarted));
    }

    [Fact]
    public void An_acknowledgement_that_a_full_packet_has_no_room_for_goes_in_the_next()
    {
        var peer = new HostilePeer();
        var (packet, sent) = (new byte[peer.Association.MaxPacketBytes], new List<(int Length, byte Type)>());
        var heartbeat = new byte[peer.Association.PacketBytes - 12 - 4];
        (heartbeat[1], heartbeat[2], heartbeat[3]) = (1, (byte)(heartbeat.Length >> 8), unchecked((byte)heartbeat.Length));

        peer.Tell(SctpBytes.Chunk(ChunkType.Heartbeat, 0, heartbeat), SctpBytes.Data(HostilePeer.FirstTsn, 1, 0, Whole | DataChunk.Immediate, 1));
        for (int length; (length = peer.Association.Poll(packet, peer.Now)) > 0;)
        {
            sent.Add((length, packet[12]));
        }

        Assert.Equal([(peer.Association.PacketBytes, ChunkType.HeartbeatAck), (28, ChunkType.Sack)], sent);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(20)]
    [InlineData(32)]
    [InlineData(60)]
    public void An_acknowledgement_of_much_takes_no_more_than_the_room_that_is_left(int room)
    {
        var peer = new HostilePeer();
        var (packet, types) = (new byte[peer.Association.MaxPacketBytes], new List<byte>());
        var heartbeat = new byte[peer.Association.PacketBytes - 12 - 4 - room];
        (heartbeat[1], heartbeat[2], heartbeat[3]) = (1, (byte)(heartbeat.Length >> 8), unchecked((byte)heartbeat.Length));
        for (var i = 1u; i < 100; i++)
        {
            peer.Tell(SctpBytes.Data(HostilePeer.FirstTsn + (i * 2), 1, 0, DataChunk.Unordered | Whole, 1));
        }

        peer.Tell(SctpBytes.Chunk(ChunkType.Heartbeat, 0, heartbeat));
        var length = peer.Association.Poll(packet, peer.Now);
        var reader = new ChunkReader(packet.AsSpan(12, length - 12));
        while (reader.MoveNext())
        {
            types.Add(reader.Type);
        }

        Assert.Equal([ChunkType.HeartbeatAck, ChunkType.Sack], types);
        Assert.InRange(length, 0, peer.Association.PacketBytes);
    }

    [Fact]
    public void A_huge_window_does_not_make_us_keep_more_than_our_limit()
    {
        var peer = new HostilePeer(new SctpOptions { MaxOutstandingBytes = 200_000 });
        var acknowledged = peer.VictimTsn - 1;

        for (var round = 0; round < 40; round++)
        {
            while (peer.Association.Send(1, 53, new byte[10_000], default, peer.Now) == SctpSendResult.Accepted)
            {
            }

            var sent = peer.Hear().Count(chunk => chunk.Type == ChunkType.Data);
            Assert.InRange(peer.Association.OutstandingBytes, 0, 202_000);
            peer.Now += TimeSpan.FromMilliseconds(20);
            acknowledged += (uint)sent;
            peer.Tell(SctpBytes.Sack(acknowledged, uint.MaxValue));
        }
    }
}
