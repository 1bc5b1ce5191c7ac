using System.Globalization;
using System.Text;
using Parley.WebRtc.Ice;

namespace Parley.WebRtc.Sdp;

/// <summary>What one side offers or answers: one line of data channels, and how to reach and trust it (RFC 8829, 8839, 8841, 8842).</summary>
/// <remarks>
/// <c>m=application 9 UDP/DTLS/SCTP webrtc-datachannel</c> with ice-ufrag, ice-pwd, ice-options:trickle, fingerprint, setup, mid, sctp-port, max-message-size and candidates.
/// Everything else is read over; other media lines are refused in the answer.
/// </remarks>
public sealed record SessionDescription
{
    /// <summary>SCTP's port between browsers.</summary>
    public const int DefaultSctpPort = 5000;

    /// <summary>Longest message when the peer names none (RFC 8841, section 6).</summary>
    public const long DefaultMaxMessageSize = 65536;

    /// <summary>The session's number, for <c>o=</c>; an answer has its own.</summary>
    public ulong SessionId { get; init; } = 1;

    /// <summary>Credentials of ICE.</summary>
    public required IceCredentials Credentials { get; init; }

    /// <summary>Hashes of the certificate; one of them must be right.</summary>
    public required IReadOnlyList<SdpFingerprint> Fingerprints { get; init; }

    /// <summary>Who begins DTLS.</summary>
    public required SdpSetup Setup { get; init; }

    /// <summary>Name of the media line.</summary>
    public string Mid { get; init; } = "0";

    /// <summary>More candidates come by signals.</summary>
    public bool IsTrickling { get; init; } = true;

    /// <summary>Port inside DTLS.</summary>
    public int SctpPort { get; init; } = DefaultSctpPort;

    /// <summary>Longest message that this side takes, in bytes; 0 = any.</summary>
    public long MaxMessageSize { get; init; } = DefaultMaxMessageSize;

    /// <summary>Bytes of payload in the largest datagram that this side takes, as Parley alone says it (<c>a=x-parley-datagram</c>); null = not said.</summary>
    public int? MaxDatagramSize { get; init; }

    /// <summary>Candidates that are known already.</summary>
    public IReadOnlyList<IceCandidate> Candidates { get; init; } = [];

    /// <summary>No more come.</summary>
    public bool IsEndOfCandidates { get; init; }

    /// <summary>Media lines that are not ours, in their order.</summary>
    public IReadOnlyList<SdpOtherMedia> Others { get; init; } = [];

    /// <summary>How many of <see cref="Others"/> stand before ours.</summary>
    public int Index { get; init; }

    /// <summary>The answer to this offer: the same lines, all but ours refused, and the other half of the handshake.</summary>
    /// <param name="credentials">Ours.</param>
    /// <param name="fingerprints">Hashes of our certificate.</param>
    /// <param name="maxMessageSize">Longest message that we take.</param>
    public SessionDescription Answer(IceCredentials credentials, IReadOnlyList<SdpFingerprint> fingerprints, long maxMessageSize) => this with
    {
        SessionId = SessionId + 1,
        Credentials = credentials,
        Fingerprints = fingerprints,
        // Whoever answers begins, so that the handshake starts with the first check that works (RFC 8842, section 5.3).
        Setup = Setup == SdpSetup.Active ? SdpSetup.Passive : SdpSetup.Active,
        IsTrickling = true,
        SctpPort = DefaultSctpPort,
        MaxMessageSize = maxMessageSize,
        MaxDatagramSize = null,
        Candidates = [],
        IsEndOfCandidates = false,
    };

    /// <summary>The text, lines ended by CR LF.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Line(text, "v=0");
        Line(text, $"o=- {SessionId} 1 IN IP4 127.0.0.1");
        Line(text, "s=-");
        Line(text, "t=0 0");
        Line(text, $"a=group:BUNDLE {Mid}");
        Line(text, "a=msid-semantic: WMS");
        for (var index = 0; index <= Others.Count; index++)
        {
            if (index == Index)
            {
                WriteOurs(text);
            }

            if (index < Others.Count)
            {
                WriteRefused(text, Others[index]);
            }
        }

        return text.ToString();
    }

    private void WriteOurs(StringBuilder text)
    {
        Line(text, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel");
        Line(text, "c=IN IP4 0.0.0.0");
        Line(text, $"a=ice-ufrag:{Credentials.User}");
        Line(text, $"a=ice-pwd:{Credentials.Password}");
        if (IsTrickling)
        {
            Line(text, "a=ice-options:trickle");
        }

        foreach (var fingerprint in Fingerprints)
        {
            Line(text, $"a=fingerprint:{fingerprint}");
        }

        Line(text, Setup switch { SdpSetup.Active => "a=setup:active", SdpSetup.Passive => "a=setup:passive", _ => "a=setup:actpass" });
        Line(text, $"a=mid:{Mid}");
        Line(text, string.Create(CultureInfo.InvariantCulture, $"a=sctp-port:{SctpPort}"));
        Line(text, string.Create(CultureInfo.InvariantCulture, $"a=max-message-size:{MaxMessageSize}"));
        if (MaxDatagramSize is { } datagram)
        {
            Line(text, string.Create(CultureInfo.InvariantCulture, $"a=x-parley-datagram:{datagram}"));
        }

        foreach (var candidate in Candidates)
        {
            Line(text, $"a={candidate}");
        }

        if (IsEndOfCandidates)
        {
            Line(text, "a=end-of-candidates");
        }
    }

    private static void WriteRefused(StringBuilder text, SdpOtherMedia other)
    {
        Line(text, $"m={other.Kind} 0 {other.Protocol} {other.Formats}");
        Line(text, "c=IN IP4 0.0.0.0");
        if (other.Mid is { } mid)
        {
            Line(text, $"a=mid:{mid}");
        }

        Line(text, "a=inactive");
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append("\r\n");
}
