using System.Net;
using Parley.Client.PeerApi.Discovery;
using Parley.Client.PeerApi.Entries;
using Parley.Crypto.Tls;
using Parley.Testing;

namespace Parley.Tests.PeerApi;

/// <summary>What is told on the local network, and what is believed of it.</summary>
public sealed class PeerServiceTests
{
    private static readonly IPAddress _from = IPAddress.Parse("192.0.2.9");
    private static readonly PeerAnnouncement _peer = new("kp.home_1", 3100, PinOf('A'), [IPAddress.Parse("192.0.2.7"), IPAddress.Parse("2001:db8::7")]);

    [Fact]
    public void What_one_announces_the_other_finds()
    {
        var found = Hear(PeerService.Announce(_peer));

        var one = Assert.Single(found);
        Assert.Equal((_peer.Name, _peer.Port, _peer.Pin), (one.Name, one.Port, one.Pin));
        Assert.Equal(_peer.Addresses, one.Addresses);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_question_for_the_service_is_answered_with_all_that_is_needed(bool isLegacy)
    {
        var query = PeerService.Query with { Id = 77 };

        var answer = PeerService.Answer(query, _peer, isLegacy)!;

        Assert.Single(Hear(answer));
        Assert.Equal(isLegacy ? (ushort)77 : (ushort)0, answer.Id);
        Assert.Equal(isLegacy ? 1 : 0, answer.Questions.Count);
        Assert.All(answer.Answers.Concat(answer.Additional), record => Assert.Equal(isLegacy ? 10u : 120u, record.Ttl));
    }

    [Fact]
    public void What_is_not_ours_or_known_already_is_not_answered()
    {
        var other = new DnsMessage { Questions = [new DnsQuestion(new DnsName("_http", "_tcp", "local"), DnsType.Pointer)] };
        var known = PeerService.Query with { Answers = PeerService.Announce(_peer).Answers.Take(1).ToList() };
        var ending = PeerService.Query with { Answers = PeerService.Announce(_peer, ttl: 59).Answers.Take(1).ToList() };

        Assert.Null(PeerService.Answer(other, _peer, isLegacy: false));
        Assert.Null(PeerService.Answer(known, _peer, isLegacy: false));
        Assert.Null(PeerService.Answer(PeerService.Announce(_peer), _peer, isLegacy: false));
        Assert.NotNull(PeerService.Answer(ending, _peer, isLegacy: false));
    }

    [Fact]
    public void Who_takes_it_back_is_gone()
    {
        var found = Hear(PeerService.Announce(_peer), PeerService.Announce(_peer with { Name = "other", Pin = PinOf('B') }), PeerService.Announce(_peer, ttl: 0));

        Assert.Equal(["other"], found.Select(peer => peer.Name));
    }

    [Fact]
    public void Two_of_one_name_are_both_told()
    {
        var found = Hear(PeerService.Announce(_peer), PeerService.Announce(_peer with { Pin = PinOf('B') }));

        Assert.Equal([PinOf('A'), PinOf('B')], found.Select(peer => peer.Pin));
    }

    [Theory]
    [InlineData("name=\u001b]0;x\u0007", "fp=", 3100)]
    [InlineData("name=kp", "fp=AA:BB", 3100)]
    [InlineData("name=kp", "", 3100)]
    [InlineData("", "fp=", 3100)]
    [InlineData("name=kp", "fp=", 0)]
    public void What_no_peer_would_say_is_dropped(string name, string fingerprint, int port)
    {
        var announced = PeerService.Announce(_peer);
        var texts = new[] { name, fingerprint == "fp=" ? $"fp={_peer.Pin}" : fingerprint };
        var changed = announced with { Answers = announced.Answers.Select(record => record with { Texts = record.Type == DnsType.Text ? texts : record.Texts, Port = port }).ToList() };

        Assert.Empty(Hear(changed));
    }

    [Fact]
    public void A_flood_of_records_is_not_kept()
    {
        var found = new FoundPeers();
        for (var count = 0; count < 2 * FoundPeers.MaxRecords; count++)
        {
            found.Hear(PeerService.Announce(_peer with { Name = $"n{count}", Pin = PinOf(count) }), _from);
        }

        Assert.InRange(found.All().Count, 1, FoundPeers.MaxRecords / 4);
    }

    [Fact]
    public void A_name_that_points_at_itself_or_forward_is_none()
    {
        // A head with one question, whose name is a pointer to itself; to what follows it; and to a label that ends in the pointer again.
        byte[] head = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];

        Assert.Null(DnsMessage.TryRead([.. head, 0xC0, 12, 0, 12, 0, 1]));
        Assert.Null(DnsMessage.TryRead([.. head, 0xC0, 18, 0, 12, 0, 1, 0]));
        Assert.Null(DnsMessage.TryRead([.. head, 1, (byte)'a', 0xC0, 12, 0, 12, 0, 1]));
        Assert.NotNull(DnsMessage.TryRead([.. head, 1, (byte)'a', 0, 0, 12, 0, 1]));
    }

    [Fact]
    public void Names_that_lean_on_earlier_ones_are_read()
    {
        // Two questions: _parley._tcp.local, and a.(what stands at 12).
        byte[] bytes = [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 7, .. "_parley"u8, 4, .. "_tcp"u8, 5, .. "local"u8, 0, 0, 12, 0, 1, 1, (byte)'A', 0xC0, 12, 0, 16, 0, 1];

        var message = DnsMessage.TryRead(bytes)!;

        Assert.Equal([PeerService.Name, PeerService.Name.Under("a")], message.Questions.Select(question => question.Name));
    }

    [Fact]
    public void C1_any_bytes_are_a_message_or_none()
    {
        byte[][] samples = [PeerService.Query.Write(), PeerService.Announce(_peer).Write(), PeerService.Answer(PeerService.Query, _peer, isLegacy: true)!.Write()];

        Fuzz.Run(4110, Fuzz.Count, random => random.Next(8) == 0 ? Fuzz.Bytes(random, 300) : Fuzz.Mutate(random, samples[random.Next(samples.Length)]), bytes =>
        {
            if (DnsMessage.TryRead(bytes) is { } message)
            {
                var found = new FoundPeers();
                found.Hear(message, _from);
                Assert.All(found.All(), peer => Assert.True(PeerEntry.IsName(peer.Name)));
                PeerService.Answer(message, _peer, isLegacy: true)?.Write();
            }
        });
    }

    private static IReadOnlyList<PeerAnnouncement> Hear(params DnsMessage[] messages)
    {
        var found = new FoundPeers();
        foreach (var message in messages)
        {
            found.Hear(DnsMessage.TryRead(message.Write())!, _from);
        }

        return found.All();
    }

    private static CertificatePin PinOf(char digit) => CertificatePin.Parse(new string(digit, 64));

    private static CertificatePin PinOf(int number) => CertificatePin.Parse(number.ToString("x8") + new string('0', 56));
}
