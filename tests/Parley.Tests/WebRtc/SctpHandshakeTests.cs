using System.Buffers.Binary;
using Parley.Testing;
using Parley.Testing.Network;
using Parley.WebRtc.Sctp;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.Tests.WebRtc;

public sealed class SctpHandshakeTests
{
    private static readonly PathConditions _near = new() { Delay = TimeSpan.FromMilliseconds(5) };

    [Fact]
    public void One_end_begins_and_both_are_connected()
    {
        var pair = new SctpPair(_near);

        pair.A.Association.Connect(pair.Now);
        pair.RunFor(TimeSpan.FromMilliseconds(50));

        Assert.Equal(SctpState.Established, pair.A.Association.State);
        Assert.Equal(SctpState.Established, pair.B.Association.State);
        Assert.Equal([SctpEventKind.Connected], pair.B.Events.Select(happened => happened.Kind));
    }

    [Fact]
    public void Both_ends_begin_at_once_and_each_is_connected_once()
    {
        var pair = new SctpPair(_near);

        pair.A.Association.Connect(pair.Now);
        pair.B.Association.Connect(pair.Now);
        pair.RunFor(TimeSpan.FromSeconds(5));

        Assert.Equal([SctpEventKind.Connected], pair.A.Events.Select(happened => happened.Kind));
        Assert.Equal([SctpEventKind.Connected], pair.B.Events.Select(happened => happened.Kind));
    }

    [Fact]
    public void Ends_that_begin_one_after_the_other_at_any_distance_meet()
    {
        for (var later = 0; later < 40; later++)
        {
            var pair = new SctpPair(_near, seed: later + 1);
            pair.A.Association.Connect(pair.Now);
            pair.RunFor(TimeSpan.FromMilliseconds(later));
            pair.B.Association.Connect(pair.Now);
            pair.A.Say(1, [1, 2, 3]);
            pair.B.Say(2, [4, 5]);

            var arrived = pair.RunUntil(() => pair.A.ReceivedCount == 1 && pair.B.ReceivedCount == 1, TimeSpan.FromSeconds(5));

            Assert.True(arrived, $"{later} ms");
        }
    }

    [Fact]
    public void Half_of_the_packets_lost_only_delays_the_beginning()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var pair = new SctpPair(_near with { Loss = 0.4, Duplication = 0.2 }, seed);
            pair.A.Association.Connect(pair.Now);
            pair.B.Association.Connect(pair.Now);

            var isConnected = pair.RunUntil(() => pair.A.Has(SctpEventKind.Connected) && pair.B.Has(SctpEventKind.Connected), TimeSpan.FromMinutes(3));

            Assert.True(isConnected, $"seed {seed}: {pair.A.Association.State} {pair.B.Association.State}");
        }
    }

    [Fact]
    public void Without_an_answer_the_beginning_fails_in_the_end()
    {
        var pair = new SctpPair(_near with { Loss = 1 });
        pair.A.Association.Connect(pair.Now);

        pair.RunFor(TimeSpan.FromMinutes(10));

        Assert.Equal(SctpFailure.NoAnswer, pair.A.Failure);
        Assert.InRange(pair.ToB.Sent, 11, 11);
    }

    [Fact]
    public void A_flood_of_INITs_leaves_nothing_behind_but_a_few_answers()
    {
        var association = new SctpAssociation(new SctpOptions(), SeededRandom.Source(1));
        var packet = new byte[2048];

        for (var i = 1u; i <= 10_000; i++)
        {
            association.Receive(SctpBytes.Packet(0, SctpBytes.Init(tag: i, initialTsn: i)), TimeSpan.FromSeconds(1));
        }

        var answers = 0;
        while (association.Poll(packet, TimeSpan.FromSeconds(1)) > 0)
        {
            answers++;
        }

        Assert.Equal(16, answers);
        Assert.Equal(SctpState.Closed, association.State);
    }

    [Fact]
    public void A_forged_cookie_opens_nothing()
    {
        var association = new SctpAssociation(new SctpOptions(), SeededRandom.Source(1));
        var cookie = CookieFor(association, TimeSpan.FromSeconds(1), out var tag);
        cookie[20] ^= 1;

        association.Receive(SctpBytes.Packet(tag, SctpBytes.Chunk(ChunkType.CookieEcho, 0, cookie)), TimeSpan.FromSeconds(1));

        Assert.Equal(SctpState.Closed, association.State);
    }

    [Fact]
    public void A_cookie_opens_the_association_it_was_made_for()
    {
        var association = new SctpAssociation(new SctpOptions(), SeededRandom.Source(1));
        var cookie = CookieFor(association, TimeSpan.FromSeconds(1), out var tag);

        association.Receive(SctpBytes.Packet(tag, SctpBytes.Chunk(ChunkType.CookieEcho, 0, cookie)), TimeSpan.FromSeconds(2));

        Assert.Equal(SctpState.Established, association.State);
    }

    [Fact]
    public void A_stale_cookie_is_answered_with_how_stale_it_is()
    {
        var association = new SctpAssociation(new SctpOptions(), SeededRandom.Source(1));
        var cookie = CookieFor(association, TimeSpan.FromSeconds(1), out var tag);
        var packet = new byte[2048];

        association.Receive(SctpBytes.Packet(tag, SctpBytes.Chunk(ChunkType.CookieEcho, 0, cookie)), TimeSpan.FromSeconds(63));
        var length = association.Poll(packet, TimeSpan.FromSeconds(63));

        Assert.Equal(SctpState.Closed, association.State);
        Assert.Equal(ChunkType.Error, packet[12]);
        Assert.Equal(2_000_000u, BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(20, length - 20)));
    }

    [Fact]
    public void A_cookie_that_grew_stale_on_its_way_is_asked_for_anew()
    {
        var pair = new SctpPair(_near, options: new SctpOptions { CookieLifetime = TimeSpan.FromSeconds(2) });
        pair.ToB.Drop = packet => packet.Span[12] == ChunkType.CookieEcho && pair.Now < TimeSpan.FromSeconds(6);
        pair.A.Association.Connect(pair.Now);

        var isConnected = pair.RunUntil(() => pair.A.Has(SctpEventKind.Connected), TimeSpan.FromSeconds(30));

        Assert.True(isConnected);
    }

    [Fact]
    public void A_peer_that_lost_its_memory_begins_anew_and_both_talk_again()
    {
        var pair = SctpPair.Connected(_near);
        pair.A.Say(1, [1]);
        pair.RunUntil(() => pair.B.ReceivedCount == 1);
        var reborn = new SctpEnd(new SctpAssociation(new SctpOptions(), SeededRandom.Source(99)));
        var again = pair.With(a: reborn);
        reborn.Association.Connect(again.Now);
        again.RunUntil(() => reborn.Has(SctpEventKind.Connected), TimeSpan.FromSeconds(5));

        reborn.Say(1, [7]);
        again.B.Say(1, [8, 8]);
        var arrived = again.RunUntil(() => reborn.ReceivedCount == 1 && again.B.ReceivedCount == 2, TimeSpan.FromSeconds(5));

        Assert.True(arrived);
        Assert.True(again.B.Has(SctpEventKind.Restarted));
    }

    [Fact]
    public void Unknown_parameters_of_an_INIT_that_ask_for_it_are_reported()
    {
        var association = new SctpAssociation(new SctpOptions(), SeededRandom.Source(1));
        byte[] unknown = [0xC1, 0x23, 0, 6, 9, 9, 0, 0];
        var packet = new byte[2048];

        association.Receive(SctpBytes.Packet(0, SctpBytes.Init(tag: 5, initialTsn: 1, unknown)), TimeSpan.Zero);
        var length = association.Poll(packet, TimeSpan.Zero);

        Assert.True(packet.AsSpan(0, length).IndexOf((ReadOnlySpan<byte>)[0, 8, 0, 10, 0xC1, 0x23, 0, 6, 9, 9]) > 0);
    }

    private static byte[] CookieFor(SctpAssociation association, TimeSpan now, out uint tag)
    {
        var packet = new byte[2048];
        association.Receive(SctpBytes.Packet(0, SctpBytes.Init(tag: 77, initialTsn: 1000)), now);
        var length = association.Poll(packet, now);
        Assert.True(InitChunk.TryRead(packet.AsSpan(16, length - 16), out var answer));
        tag = answer.Tag;
        return answer.Cookie.ToArray();
    }
}
