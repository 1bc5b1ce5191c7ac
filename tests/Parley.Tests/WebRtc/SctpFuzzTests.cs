using System.Buffers.Binary;
using Parley.Testing;
using Parley.Testing.Network;
using Parley.WebRtc.Channels;
using Parley.WebRtc.Sctp;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.Tests.WebRtc;

public sealed class SctpFuzzTests
{
    [Fact]
    public void No_bytes_break_the_readers_of_chunks() => Fuzz.Run(71, Fuzz.Count, random => Fuzz.Bytes(random, 300), bytes =>
    {
        var reader = new ChunkReader(bytes);
        while (reader.MoveNext())
        {
            DataChunk.TryRead(reader.Flags, reader.Value, out _);
            InitChunk.TryRead(reader.Value, out _);
            ErrorCause.First(reader.Value);
            StateCookie.TryRead(reader.Value, new byte[32], out _);
            DcepMessage.TryReadOpen(reader.Value, out _);
            if (SackChunk.TryRead(reader.Value, out var sack) && sack.Blocks > 0)
            {
                sack.Block(sack.Blocks - 1);
            }
        }
    });

    [Fact]
    public void Changed_channel_openings_are_read_or_refused()
    {
        var good = DcepMessage.Open(new DataChannelOptions { Label = "files ü", Protocol = "parley", MaxRetransmits = 3, IsOrdered = false });

        Fuzz.Run(72, Fuzz.Count, random => Fuzz.Mutate(random, good), bytes =>
        {
            if (DcepMessage.TryReadOpen(bytes, out var options))
            {
                Assert.InRange(options.Label.Length, 0, DataChannelOptions.MaxTextBytes);
            }
        });
    }

    [Fact]
    public void A_peer_made_of_chance_does_not_break_an_association()
    {
        HostilePeer? peer = null;
        Fuzz.Run(73, Fuzz.Count, random => random, random =>
        {
            peer = peer is null || peer.Association.State == SctpState.Ended || random.Next(200) == 0 ? new HostilePeer(new SctpOptions { ReceiveBufferBytes = 128 << 10 }) : peer;
            peer.Association.Send((ushort)random.Next(4), 53, new byte[random.Next(1, 5000)], Delivery(random), peer.Now);
            if (random.Next(20) == 0)
            {
                peer.Association.ResetStream((ushort)random.Next(4));
            }

            peer.Now += TimeSpan.FromMilliseconds(random.Next(300));
            peer.Association.Tick(peer.Now);
            var sent = peer.Hear();
            peer.Tell([.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Chunk(random, peer, sent))]);
        });
    }

    [Fact]
    public void Changed_packets_amid_a_transfer_do_not_break_either_end()
    {
        for (var seed = 0; seed < Math.Max(4, Fuzz.Count / 200); seed++)
        {
            var random = new Random(seed);
            var pair = SctpPair.Connected(new PathConditions { Delay = TimeSpan.FromMilliseconds(3), Loss = 0.02 }, seed);
            for (var i = 0; i < 20; i++)
            {
                pair.A.Say((ushort)random.Next(4), new byte[random.Next(1, 20_000)], Delivery(random));
                pair.B.Say((ushort)random.Next(4), new byte[random.Next(1, 20_000)], Delivery(random));
            }

            pair.ToB.Drop = packet => Change(random, packet, pair.B, pair.Now);
            pair.ToA.Drop = packet => Change(random, packet, pair.A, pair.Now);
            pair.RunFor(TimeSpan.FromSeconds(2));
        }
    }

    private static SctpDelivery Delivery(Random random) => new()
    {
        IsUnordered = random.Next(2) == 0,
        MaxRetransmits = random.Next(3) == 0 ? random.Next(3) : null,
        Lifetime = random.Next(3) == 0 ? TimeSpan.FromMilliseconds(random.Next(200)) : null,
    };

    // One packet in twenty arrives changed, under a good checksum: a peer that lies.
    private static bool Change(Random random, ReadOnlyMemory<byte> packet, SctpEnd end, TimeSpan now)
    {
        if (random.Next(20) != 0 || packet.Length < 20)
        {
            return false;
        }

        byte[] changed = [.. packet.Span[..12], .. Fuzz.Mutate(random, packet.Span[12..])];
        end.Association.Receive(SctpBytes.Sign(changed), now);
        return true;
    }

    // Chunks near what the victim expects, so that most are taken: numbers a little ahead, acknowledgements of what it sent.
    private static byte[] Chunk(Random random, HostilePeer peer, List<(byte Type, byte[] Value)> sent)
    {
        var tsn = HostilePeer.FirstTsn + (uint)random.Next(60);
        var data = sent.Where(chunk => chunk.Type == ChunkType.Data).Select(chunk => BinaryPrimitives.ReadUInt32BigEndian(chunk.Value)).DefaultIfEmpty(peer.VictimTsn).Max();
        return random.Next(12) switch
        {
            0 => SctpBytes.Sack(data - (uint)random.Next(6), (uint)random.Next(200_000), (ushort)random.Next(8), (ushort)random.Next(12), (ushort)random.Next(12), (ushort)random.Next(20)),
            1 => SctpBytes.Sack(data, 100_000),
            2 => SctpBytes.ForwardTsn(tsn, (ushort)random.Next(4), (ushort)random.Next(8), (ushort)random.Next(4), (ushort)random.Next(8)),
            3 => ReconfigParameter.OutgoingChunk(HostilePeer.FirstTsn + (uint)random.Next(4), 0, tsn, [(ushort)random.Next(6)]),
            4 => ReconfigParameter.AnswerChunk(peer.VictimTsn + (uint)random.Next(4), (ReconfigResult)random.Next(7)),
            5 => SctpBytes.Chunk((byte)random.Next(256), (byte)random.Next(256), Fuzz.Bytes(random, 40)),
            _ => SctpBytes.Data(tsn, (ushort)random.Next(4), (ushort)random.Next(6), (byte)random.Next(16), random.Next(1, 1200)),
        };
    }
}
