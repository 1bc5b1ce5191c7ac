using Parley.Crypto.Dtls;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Testing.Network;
using Parley.WebRtc.Connections;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Sdp;

namespace Parley.Tests.WebRtc.Connections;

public sealed class PeerConnectionNegotiationTests : IDisposable
{
    /// <summary>In the form that Chromium writes, with a line of sound before ours, an mDNS candidate and one over TCP.</summary>
    private const string ChromiumOffer = """
        v=0
        o=- 4611733054762223410 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0 1
        a=extmap-allow-mixed
        a=msid-semantic: WMS
        m=audio 9 UDP/TLS/RTP/SAVPF 111 63
        c=IN IP4 0.0.0.0
        a=ice-ufrag:Zx9p
        a=ice-pwd:7LpXf0b3Y2mN8qRsT4uVwK1a
        a=fingerprint:sha-256 19:E2:1C:3B:4B:9F:81:E6:B8:5C:F4:A5:A8:D8:73:04:BB:05:2F:70:9F:04:A9:0E:05:E9:26:33:E8:70:88:A2
        a=setup:actpass
        a=mid:0
        m=application 51472 UDP/DTLS/SCTP webrtc-datachannel
        c=IN IP4 192.0.2.10
        a=candidate:1467250027 1 udp 2122260223 4d1f6e1c-9d0b-4f57-a40c-2f2f6b1b3c3a.local 51472 typ host generation 0 network-id 1
        a=candidate:359233 1 tcp 1518280447 192.0.2.10 9 typ host tcptype active generation 0 network-id 1
        a=candidate:842163049 1 udp 1686052607 198.51.100.77 51472 typ srflx raddr 0.0.0.0 rport 0 generation 0 network-cost 999
        a=ice-ufrag:Zx9p
        a=ice-pwd:7LpXf0b3Y2mN8qRsT4uVwK1a
        a=ice-options:trickle
        a=fingerprint:sha-256 19:E2:1C:3B:4B:9F:81:E6:B8:5C:F4:A5:A8:D8:73:04:BB:05:2F:70:9F:04:A9:0E:05:E9:26:33:E8:70:88:A2
        a=setup:actpass
        a=mid:1
        a=sctp-port:5000
        a=max-message-size:262144
        """;

    private readonly DtlsCertificate _certificate = DtlsCertificate.Make(TimeProvider.System);

    [Fact]
    public void Chromiums_offer_is_taken_and_its_hidden_address_reported()
    {
        using var connection = New(IceRole.Controlled);
        Assert.True(SdpReader.TryRead(ChromiumOffer, out var offer, out var reason), reason);

        var answer = connection.AcceptOffer(offer, TimeSpan.Zero);

        Assert.Equal(SdpSetup.Active, answer.Setup);
        Assert.Equal("1", answer.Mid);
        Assert.Contains("m=audio 0 ", answer.ToString(), StringComparison.Ordinal);
        Assert.Equal(262_144, connection.PeerMaxMessageBytes);
        Assert.Equal("198.51.100.77:51472", Assert.Single(connection.Report().Remote).Address.ToString());
        Assert.Contains(connection.Report().Skipped, text => text.Contains(".local", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SdpSetup.ActPass, SdpSetup.Active)]
    [InlineData(SdpSetup.Passive, SdpSetup.Active)]
    [InlineData(SdpSetup.Active, SdpSetup.Passive)]
    public void An_answer_takes_the_other_half_of_the_handshake(SdpSetup offered, SdpSetup answered)
    {
        using var pair = new ConnectionPair(80);
        pair.Left.Describing = text => text.Replace("a=setup:actpass", $"a=setup:{offered.ToString().ToLowerInvariant()}", StringComparison.Ordinal);
        var answer = string.Empty;
        pair.Right.Describing = text => answer = text;

        pair.Connect();

        Assert.Contains($"a=setup:{answered.ToString().ToLowerInvariant()}", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_began_DTLS_stays_so_when_the_other_end_offers_later()
    {
        using var pair = ConnectionPair.Connected(81);

        var answer = pair.Left.Connection.AcceptOffer(pair.Right.Connection.CreateOffer(), pair.Internet.Now);

        Assert.Equal(SdpSetup.Passive, answer.Setup);
        Assert.Equal(ErrorCode.ProtocolViolation, Assert.Throws<ParleyException>(
            () => pair.Right.Connection.AcceptAnswer(answer with { Setup = SdpSetup.Active }, pair.Internet.Now)).Code);
        pair.Right.Connection.AcceptAnswer(answer, pair.Internet.Now);
        Assert.True(pair.AreConnected);
    }

    [Fact]
    public void An_answer_that_does_not_say_who_begins_is_refused()
    {
        using var offerer = New(IceRole.Controlling);
        using var other = DtlsCertificate.Make(TimeProvider.System);
        using var answerer = new PeerConnection(new PeerConnectionOptions(), IceRole.Controlled, other, SeededRandom.Source(2));

        var answer = answerer.AcceptOffer(offerer.CreateOffer(), TimeSpan.Zero) with { Setup = SdpSetup.ActPass };

        Assert.Equal(ErrorCode.ProtocolViolation, Assert.Throws<ParleyException>(() => offerer.AcceptAnswer(answer, TimeSpan.Zero)).Code);
    }

    [Fact]
    public void An_offer_says_our_certificate_and_our_limit()
    {
        using var connection = New(IceRole.Controlling);
        connection.AddLocal(Parley.Protocol.Stun.TransportAddress.Parse("192.0.2.1:4000"), TimeSpan.Zero);

        Assert.True(SdpReader.TryRead(connection.CreateOffer().ToString(), out var offer, out _));

        Assert.Equal(_certificate.Fingerprint.ToArray(), Assert.Single(offer.Fingerprints).ToBytes());
        Assert.Equal(SdpSetup.ActPass, offer.Setup);
        Assert.Equal(256 << 10, offer.MaxMessageSize);
        Assert.Equal("192.0.2.1:4000", Assert.Single(offer.Candidates).Address.ToString());
    }

    [Fact]
    public void A_restart_changes_the_credentials_and_nothing_else()
    {
        using var pair = ConnectionPair.Connected(82);
        var before = pair.Left.Connection.CreateOffer();

        pair.Left.Connection.Restart(pair.Internet.Now);
        var after = pair.Left.Connection.CreateOffer();

        Assert.NotEqual(before.Credentials, after.Credentials);
        Assert.Equal(before.Fingerprints, after.Fingerprints);
        Assert.Equal(before.SessionId, after.SessionId);
    }

    [Fact]
    public void Channels_wait_for_both_descriptions()
    {
        using var connection = New(IceRole.Controlling);

        Assert.Equal(ErrorCode.Conflict, Assert.Throws<ParleyException>(() => connection.OpenChannel(new(), TimeSpan.Zero)).Code);
    }

    [Fact]
    public void Options_out_of_bounds_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => New(IceRole.Controlling, new PeerConnectionOptions { MaxDatagramBytes = 1000 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => New(IceRole.Controlling, new PeerConnectionOptions { MaxDatagramBytes = 65_000 }));
        Assert.Throws<ArgumentException>(() => New(IceRole.Controlling, new PeerConnectionOptions { PeerFingerprint = new byte[20] }));
    }

    public void Dispose() => _certificate.Dispose();

    private PeerConnection New(IceRole role, PeerConnectionOptions? options = null) => new(options ?? new PeerConnectionOptions(), role, _certificate, SeededRandom.Source(1));
}
