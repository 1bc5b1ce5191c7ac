using System.Security.Cryptography;
using Parley.Crypto.Dtls;
using Parley.Protocol.Errors;
using Parley.Protocol.Stun;
using Parley.Testing;
using Parley.Testing.Network;
using Parley.WebRtc.Connections;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Sdp;

namespace Parley.Tests.WebRtc.Connections;

public sealed class PeerConnectionTrustTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_certificate_that_was_not_signalled_is_refused_and_named(bool isOfferForged)
    {
        using var pair = new ConnectionPair(60);
        var forger = isOfferForged ? pair.Left : pair.Right;
        var victim = isOfferForged ? pair.Right : pair.Left;
        forger.Describing = text => string.Join("\r\n", text.Split("\r\n").Select(line => line.StartsWith("a=fingerprint", StringComparison.Ordinal) ? "a=fingerprint:" + SdpFingerprint.Of([1]) : line));

        PeerHost.Introduce(pair.Left, pair.Right);

        Assert.True(pair.Internet.RunUntil(() => victim.Connection.State == PeerConnectionState.Failed, TimeSpan.FromMinutes(1)), pair.Describe());
        Assert.Equal(PeerConnectionFailure.OtherCertificate, victim.Connection.Failure);
        Assert.True(pair.Internet.RunUntil(() => forger.Connection.State == PeerConnectionState.Failed, TimeSpan.FromMinutes(1)), pair.Describe());
        Assert.Equal(PeerConnectionFailure.Handshake, forger.Connection.Failure);
    }

    [Fact]
    public void A_description_with_another_certificate_than_the_one_that_was_proved_is_refused()
    {
        using var certificate = DtlsCertificate.Make(TimeProvider.System);
        using var other = DtlsCertificate.Make(TimeProvider.System);
        using var offerer = new PeerConnection(new PeerConnectionOptions(), IceRole.Controlling, other, SeededRandom.Source(1));
        using var connection = new PeerConnection(new PeerConnectionOptions { PeerFingerprint = RandomNumberGenerator.GetBytes(32) }, IceRole.Controlled, certificate, SeededRandom.Source(2));

        var refused = Assert.Throws<ParleyException>(() => connection.AcceptOffer(offerer.CreateOffer(), TimeSpan.Zero));

        Assert.Equal(ErrorCode.PeerProof, refused.Code);
    }

    [Fact]
    public void Our_own_description_coming_back_is_refused()
    {
        using var certificate = DtlsCertificate.Make(TimeProvider.System);
        using var connection = new PeerConnection(new PeerConnectionOptions(), IceRole.Controlling, certificate, SeededRandom.Source(1));

        var offer = connection.CreateOffer();

        Assert.Equal(ErrorCode.PeerProof, Assert.Throws<ParleyException>(() => connection.AcceptAnswer(offer with { Setup = SdpSetup.Active }, TimeSpan.Zero)).Code);
    }

    [Fact]
    public void The_certificate_cannot_change_within_a_connection()
    {
        using var pair = ConnectionPair.Connected(61);
        using var another = DtlsCertificate.Make(TimeProvider.System);

        var offer = pair.Left.Connection.CreateOffer() with { Fingerprints = [SdpFingerprint.Of(another.Der.Span)] };

        Assert.Equal(ErrorCode.PeerProof, Assert.Throws<ParleyException>(() => pair.Right.Connection.AcceptOffer(offer, pair.Internet.Now)).Code);
        Assert.True(pair.AreConnected);
    }

    [Fact]
    public void An_answer_to_nothing_is_refused()
    {
        using var pair = ConnectionPair.Connected(62);
        var offer = pair.Right.Connection.CreateOffer();

        Assert.Equal(ErrorCode.Conflict, Assert.Throws<ParleyException>(() => pair.Left.Connection.AcceptAnswer(offer, pair.Internet.Now)).Code);
    }

    [Fact]
    public void DTLS_that_comes_before_the_answer_is_kept_for_it()
    {
        using var pair = new ConnectionPair(63);
        using var certificate = DtlsCertificate.Make(TimeProvider.System);
        using var early = new DtlsConnection(new DtlsOptions { Role = DtlsRole.Client, Certificate = certificate, PeerFingerprints = [new byte[32]] });
        var (internet, left, right, hello, hasAnswered) = (pair.Internet, pair.Left, pair.Right, new byte[4096], false);
        var offer = left.Connection.CreateOffer();
        SessionDescription? answer = null;
        internet.Swallow = (_, _, bytes) =>
        {
            // Hellos of clients are lost on the wire, so a server's can answer the one that was kept alone.
            hasAnswered |= bytes is [22, _, _, 0, 0, ..] && bytes[13] == 2;
            return bytes is [22, _, _, 0, 0, ..] && bytes[13] == 1;
        };

        right.Do(connection => answer = connection.AcceptOffer(offer, internet.Now));
        internet.Run(TimeSpan.FromMilliseconds(300));
        early.Start(internet.Now);
        var length = early.Poll(hello);
        left.Do(connection => connection.Receive(hello.AsSpan(0, length), TransportAddress.Parse("198.51.100.10:4000"), TransportAddress.Parse("198.51.100.20:4000"), internet.Now));
        Assert.Equal(PeerConnectionState.New, left.Connection.State);
        left.Do(connection => connection.AcceptAnswer(answer!, internet.Now));

        Assert.True(internet.RunUntil(() => hasAnswered, TimeSpan.FromSeconds(2)), pair.Describe());
    }

    [Fact]
    public void Flipped_bits_of_data_reach_nobody()
    {
        using var pair = ConnectionPair.Connected(64);
        var (channel, random) = (pair.Open(), new Random(64));
        var (messages, hash) = ConnectionPair.Flow(64, 2 << 20, 20_000);
        pair.Right.Taking = bytes => StunDemultiplexer.Classify(bytes) == StunFraming.Dtls && random.Next(20) == 0 ? Fuzz.Mutate(random, bytes) : bytes;

        pair.Left.Say(channel, messages);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.ReceivedBytes == 2 << 20, TimeSpan.FromMinutes(5)), pair.Describe());
        Assert.Equal(hash, pair.Right.Hash());
    }

    [Fact]
    public void Garbage_from_anywhere_does_nothing_to_a_connection()
    {
        using var pair = ConnectionPair.Connected(65);
        var channel = pair.Open();
        var (connection, now, route) = (pair.Right.Connection, pair.Internet.Now, pair.Right.Connection.Route!);

        Fuzz.Run(72_000, Fuzz.Count, random => Fuzz.Bytes(random, 300), bytes =>
        {
            if (bytes.Length > 0)
            {
                bytes[0] = (byte)(bytes[1 % bytes.Length] % 4 == 0 ? 23 : bytes[0]);
            }

            connection.Receive(bytes, route.Local, route.Remote, now);
            connection.Receive(bytes, route.Local, TransportAddress.Parse("192.0.2.99:9"), now);
        });
        pair.Right.Do(_ => { });
        pair.Left.Say(channel, [7]);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.Messages.Count == 1, TimeSpan.FromSeconds(5)), pair.Describe());
        Assert.True(pair.AreConnected);
    }

    [Fact]
    public void Names_in_candidates_are_not_looked_up_and_the_report_says_so()
    {
        using var pair = ConnectionPair.Connected(66);
        Assert.True(IceCandidate.TryParse("candidate:1 1 udp 2113937151 0f4b1f4e-3a3c-4b8e-9d0a-0d3c2b1a0f9e.local 51000 typ host", out var candidate, out _));

        pair.Left.Do(connection => connection.AddRemoteCandidate(candidate, pair.Internet.Now));

        Assert.Contains(pair.Left.Connection.Report().Skipped, text => text.Contains(".local", StringComparison.Ordinal) && text.Contains("not looked up", StringComparison.Ordinal));
        Assert.True(pair.AreConnected);
    }
}
