using Parley.Testing;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Sdp;

namespace Parley.Tests.WebRtc.Sdp;

public sealed class SessionDescriptionTests
{
    private const string Hash = "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99";

    /// <summary>In the form that Chromium writes, with a video line before ours.</summary>
    private const string Browser =
        "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n" +
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:Zzzz\r\na=ice-pwd:zzzzzzzzzzzzzzzzzzzzzzzz\r\na=mid:0\r\na=recvonly\r\na=rtpmap:96 VP8/90000\r\n" +
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n" +
        "a=candidate:1467250027 1 udp 2122260223 192.168.0.196 46243 typ host generation 0 ufrag EsAw network-id 1 network-cost 10\r\n" +
        "a=candidate:1467250027 1 tcp 1518280447 192.168.0.196 9 typ host tcptype active\r\n" +
        "a=candidate:2 1 udp 2113937151 0b2a7c4e-1111-4222-8333-444455556666.local 50123 typ host generation 0\r\n" +
        "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\na=ice-options:trickle\r\na=fingerprint:sha-256 " + Hash + "\r\n" +
        "a=setup:actpass\r\na=mid:1\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";

    /// <summary>In the form that libdatachannel writes: lines ended by LF, attributes at the session's level.</summary>
    private const string Library =
        "v=0\no=rtc 3767197920 0 IN IP4 127.0.0.1\ns=-\nt=0 0\na=group:BUNDLE 0\na=msid-semantic:WMS *\na=ice-options:ice2,trickle\na=fingerprint:sha-256 " + Hash + "\n" +
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\nc=IN IP4 0.0.0.0\na=mid:0\na=sendrecv\na=sctp-port:5000\na=max-message-size:262144\na=setup:active\n" +
        "a=ice-ufrag:gGQV\na=ice-pwd:xGd2AkT5LLyXdTvI3XzQUU\na=candidate:1 1 UDP 2122317823 10.0.0.5 49152 typ host\na=end-of-candidates\n";

    [Fact]
    public void A_browsers_offer_is_read()
    {
        Assert.True(SdpReader.TryRead(Browser, out var offer, out _));

        Assert.Equal(new IceCredentials("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1"), offer.Credentials);
        Assert.Equal(("1", 5000, 262144L, SdpSetup.ActPass), (offer.Mid, offer.SctpPort, offer.MaxMessageSize, offer.Setup));
        Assert.Equal(["192.168.0.196:46243", null], offer.Candidates.Select(candidate => candidate.HostName is null ? candidate.Address.ToString() : null));
        Assert.Equal("0b2a7c4e-1111-4222-8333-444455556666.local", offer.Candidates[1].HostName);
        Assert.Equal($"sha-256 {Hash}", Assert.Single(offer.Fingerprints).ToString());
    }

    [Fact]
    public void Another_stacks_answer_is_read()
    {
        Assert.True(SdpReader.TryRead(Library, out var answer, out _));

        Assert.Equal((SdpSetup.Active, true, 1), (answer.Setup, answer.IsEndOfCandidates, answer.Candidates.Count));
        Assert.Equal("gGQV", answer.Credentials.User);
        Assert.Single(answer.Fingerprints);
    }

    [Fact]
    public void An_answer_refuses_other_media_in_their_place()
    {
        SdpReader.TryRead(Browser, out var offer, out _);

        var answer = offer!.Answer(new IceCredentials("abcd", "abcdefghijklmnopqrstuv"), offer.Fingerprints, 1 << 20).ToString();

        Assert.Equal(["m=video 0 UDP/TLS/RTP/SAVPF 96 97", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"], answer.Split("\r\n").Where(line => line.StartsWith("m=", StringComparison.Ordinal)));
        Assert.Contains("a=setup:active\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("a=group:BUNDLE 1\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        Assert.True(IceCandidate.TryParse("candidate:1 1 udp 99 2001:db8::1 5 typ relay raddr 192.0.2.1 rport 7", out var candidate, out _));
        Assert.True(SdpReader.TryRead(Library, out var first, out _));
        var written = (first with { Candidates = [candidate], IsEndOfCandidates = false, MaxMessageSize = 0 }).ToString();

        Assert.True(SdpReader.TryRead(written, out var second, out _));

        Assert.Equal(written, second.ToString());
        Assert.Equal(candidate, Assert.Single(second.Candidates));
    }

    [Theory]
    [InlineData("a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n", "there are no ICE credentials, or wrong ones")]
    [InlineData("a=fingerprint:sha-256 ", "there is no fingerprint of a certificate that is SHA-256 or better")]
    [InlineData("webrtc-datachannel", "there is no line for data channels")]
    [InlineData("v=0\r\n", "this is no session description")]
    public void What_is_missing_is_named(string missing, string expected)
    {
        Assert.False(SdpReader.TryRead(Browser.Replace(missing, string.Empty, StringComparison.Ordinal), out _, out var reason));

        Assert.Equal(expected, reason);
    }

    [Theory]
    [InlineData("sha-1 AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD")]
    [InlineData("sha-256 AA:BB")]
    [InlineData("sha-256")]
    public void Weak_and_broken_fingerprints_are_none(string text) => Assert.False(SdpFingerprint.TryParse(text, out _));

    [Fact]
    public void A_fingerprint_matches_its_certificate_alone()
    {
        var fingerprint = SdpFingerprint.Of([1, 2, 3]);

        Assert.True(fingerprint.Matches([1, 2, 3]));
        Assert.False(fingerprint.Matches([1, 2, 4]));
    }

    [Fact]
    public void Any_text_is_read_or_refused() =>
        Fuzz.Run(4400, Fuzz.Count, random => System.Text.Encoding.UTF8.GetString(Fuzz.Mutate(random, System.Text.Encoding.UTF8.GetBytes(random.Next(2) == 0 ? Browser : Library))), text =>
        {
            if (SdpReader.TryRead(text, out var description, out _))
            {
                Assert.True(SdpReader.TryRead(description.ToString(), out var again, out var reason), reason);
                Assert.Equal(description.ToString(), again.ToString());
            }
        });

    [Fact]
    public void Any_candidate_line_is_read_or_refused()
    {
        var good = "candidate:1467250027 1 udp 2122260223 192.168.0.196 46243 typ srflx raddr 10.0.0.1 rport 5 generation 0"u8.ToArray();
        Fuzz.Run(4500, Fuzz.Count, random => System.Text.Encoding.UTF8.GetString(Fuzz.Mutate(random, good)), line =>
        {
            if (IceCandidate.TryParse(line, out var candidate, out _))
            {
                Assert.True(IceCandidate.TryParse(candidate.ToString(), out var again, out _));
                Assert.Equal(candidate, again);
            }
        });
    }
}
