using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Parley.WebRtc.Ice;

namespace Parley.WebRtc.Sdp;

/// <summary>Reads what browsers and other stacks write; what it does not know it reads over (RFC 8866).</summary>
public static class SdpReader
{
    /// <summary>Longest text.</summary>
    public const int MaxText = 64 * 1024;

    private const int MaxLines = 2000;
    private const int MaxMedia = 16;
    private const int MaxFingerprints = 8;
    private const int MaxCandidates = 64;
    private const int MaxMid = 32;

    /// <summary>Reads an offer or an answer.</summary>
    /// <param name="text">The text; lines may end with LF alone.</param>
    /// <param name="description">What it says.</param>
    /// <param name="reason">Why it is of no use; null when it is.</param>
    public static bool TryRead(string text, [NotNullWhen(true)] out SessionDescription? description, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        description = null;
        var lines = text.Length > MaxText ? [] : text.Split('\n', MaxLines + 1);
        if (lines.Length is 0 or > MaxLines || lines[0].TrimEnd() != "v=0")
        {
            reason = text.Length > MaxText || lines.Length > MaxLines ? "the description is too long" : "this is no session description";
            return false;
        }

        var session = new Section(string.Empty);
        var media = new List<Section>();
        foreach (var raw in lines)
        {
            var line = raw.TrimEnd('\r', ' ');
            if (line.StartsWith("m=", StringComparison.Ordinal))
            {
                if (media.Count == MaxMedia)
                {
                    reason = "there are too many media lines";
                    return false;
                }

                media.Add(new Section(line[2..]));
            }
            else if (line.StartsWith("a=", StringComparison.Ordinal))
            {
                (media.Count == 0 ? session : media[^1]).Add(line[2..]);
            }
        }

        var index = media.FindIndex(section => section.IsDataChannel);
        reason = index < 0 ? "there is no line for data channels" : Combine(session, media, index, out description);
        return description is not null;
    }

    /// <summary>What stands at the session's level counts for our line too, where that says nothing of its own.</summary>
    private static string? Combine(Section session, List<Section> media, int index, out SessionDescription? description)
    {
        var ours = media[index];
        description = null;
        var credentials = new IceCredentials(ours.User ?? session.User ?? string.Empty, ours.Password ?? session.Password ?? string.Empty);
        var fingerprints = ours.Fingerprints.Count > 0 ? ours.Fingerprints : session.Fingerprints;
        if (!credentials.IsValid)
        {
            return "there are no ICE credentials, or wrong ones";
        }

        if (fingerprints.Count == 0)
        {
            return "there is no fingerprint of a certificate that is SHA-256 or better";
        }

        if (media.Any(section => section.Words.Length < 4))
        {
            return "a media line is broken";
        }

        description = new SessionDescription
        {
            Credentials = credentials,
            Fingerprints = fingerprints,
            Setup = ours.Setup ?? session.Setup ?? SdpSetup.ActPass,
            Mid = ours.Mid ?? "0",
            IsTrickling = ours.IsTrickling || session.IsTrickling,
            SctpPort = ours.SctpPort ?? SessionDescription.DefaultSctpPort,
            MaxMessageSize = ours.MaxMessageSize ?? SessionDescription.DefaultMaxMessageSize,
            MaxDatagramSize = ours.MaxDatagramSize,
            Candidates = ours.Candidates,
            IsEndOfCandidates = ours.IsEnd || session.IsEnd,
            Others = [.. media.Where(section => section != ours).Select(section => new SdpOtherMedia(section.Words[0], section.Words[2], string.Join(' ', section.Words[3..]), section.Mid))],
            Index = index,
        };
        return null;
    }

    /// <summary>A media line and its attributes, or those of the session.</summary>
    private sealed class Section(string line)
    {
        public string[] Words { get; } = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        public string? User { get; private set; }

        public string? Password { get; private set; }

        public string? Mid { get; private set; }

        public SdpSetup? Setup { get; private set; }

        public bool IsTrickling { get; private set; }

        public bool IsEnd { get; private set; }

        public int? SctpPort { get; private set; }

        public long? MaxMessageSize { get; private set; }

        public int? MaxDatagramSize { get; private set; }

        public List<SdpFingerprint> Fingerprints { get; } = [];

        public List<IceCandidate> Candidates { get; } = [];

        public bool IsDataChannel => Words is ["application", not "0", "UDP/DTLS/SCTP" or "TCP/DTLS/SCTP", "webrtc-datachannel", ..];

        public void Add(string attribute)
        {
            var colon = attribute.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = colon < 0 ? (attribute, string.Empty) : (attribute[..colon], attribute[(colon + 1)..].Trim());
            switch (name)
            {
                case "ice-ufrag":
                    User ??= value;
                    break;
                case "ice-pwd":
                    Password ??= value;
                    break;
                case "ice-options":
                    IsTrickling |= value.Split(' ').Contains("trickle");
                    break;
                case "fingerprint" when Fingerprints.Count < MaxFingerprints && SdpFingerprint.TryParse(value, out var fingerprint):
                    Fingerprints.Add(fingerprint);
                    break;
                case "setup":
                    Setup ??= value switch { "active" => SdpSetup.Active, "passive" => SdpSetup.Passive, "actpass" => SdpSetup.ActPass, _ => null };
                    break;
                case "mid" when value.Length is > 0 and <= MaxMid && value.All(letter => letter is > ' ' and < '\u007f'):
                    Mid ??= value;
                    break;
                case "sctp-port" when ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0:
                    SctpPort ??= port;
                    break;
                case "max-message-size" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size):
                    MaxMessageSize ??= size;
                    break;
                case "x-parley-datagram" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var datagram):
                    MaxDatagramSize ??= datagram;
                    break;
                case "candidate" when Candidates.Count < MaxCandidates && IceCandidate.TryParse(attribute, out var candidate, out _):
                    Candidates.Add(candidate);
                    break;
                case "end-of-candidates":
                    IsEnd = true;
                    break;
            }
        }
    }
}
