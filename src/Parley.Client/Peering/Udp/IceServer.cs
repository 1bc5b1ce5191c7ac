using System.Globalization;
using System.Net;
using Parley.Protocol.Errors;
using Parley.WebRtc.Turn;

namespace Parley.Client.Peering.Udp;

/// <summary>A server that helps two machines meet over UDP: STUN, which tells an address, or TURN, which relays.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">UDP port.</param>
/// <param name="IsRelay">TURN; else STUN.</param>
/// <param name="User">Whom a relay knows, at most 508 bytes of UTF-8; empty for STUN.</param>
/// <param name="Secret">The user's password; empty for STUN.</param>
public sealed record IceServer(string Host, int Port, bool IsRelay = false, string User = "", string Secret = "")
{
    /// <summary>The port of both, when none is given (RFC 7064, 7065).</summary>
    public const int DefaultPort = 3478;

    /// <summary>That of relays over TLS (RFC 7065).</summary>
    public const int DefaultTlsPort = 5349;

    private const string Query = "?transport=";

    private const int MaxHost = 253;

    /// <summary>Whom a relay knows, at most 508 bytes of UTF-8; empty for STUN.</summary>
    /// <exception cref="ParleyException">It is longer (<see cref="ErrorCode.InvalidArgument"/>).</exception>
    public string User { get; init => field = TurnServer.Checked(value); } = TurnServer.Checked(User);

    /// <summary>How a relay is spoken to; UDP for STUN.</summary>
    public TurnTransport Transport { get; init; }

    /// <summary>Reads <c>stun:host[:port]</c>, <c>turn:host[:port][?transport=udp|tcp]</c> or <c>turns:host[:port]</c> (TLS over TCP); the host may be an IPv6 address in brackets. Credentials are not part of it.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static IceServer Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var scheme = text[..(text.IndexOf(':', StringComparison.Ordinal) + 1)].ToLowerInvariant();
        var query = text.IndexOf(Query, StringComparison.Ordinal);
        var place = text[scheme.Length..(query < scheme.Length ? text.Length : query)];
        var transport = (scheme, query < 0 ? null : text[(query + Query.Length)..]) switch
        {
            ("stun:", null) or ("turn:", null or "udp") => TurnTransport.Udp,
            ("turn:", "tcp") => TurnTransport.Tcp,
            ("turns:", null or "tcp") => TurnTransport.Tls,
            _ => throw Wrong(),
        };
        var isBracketed = place.StartsWith('[');
        var end = isBracketed ? place.IndexOf(']', StringComparison.Ordinal) + 1 : place.Contains(':', StringComparison.Ordinal) ? place.IndexOf(':', StringComparison.Ordinal) : place.Length;
        var (host, rest) = (place[..end].Trim('[', ']'), place[end..]);
        var port = transport == TurnTransport.Tls ? DefaultTlsPort : DefaultPort;
        if ((rest.Length > 0 && (rest[0] != ':' || !int.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > IPEndPoint.MaxPort)) || !IsHost(host, isBracketed))
        {
            throw Wrong();
        }

        return new IceServer(host, port, scheme != "stun:") { Transport = transport };
    }

    /// <summary>Its URL; never a credential.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{SchemeOf(this)}:{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}{(Transport == TurnTransport.Tcp ? Query + "tcp" : string.Empty)}");

    private static string SchemeOf(IceServer server) => server.Transport == TurnTransport.Tls ? "turns" : server.IsRelay ? "turn" : "stun";

    private static bool IsHost(string host, bool isBracketed) =>
        isBracketed ? IPAddress.TryParse(host, out _) : host.Length is > 0 and <= MaxHost && host.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '_');

    private static ParleyException Wrong() => new(ErrorCode.InvalidArgument, "An ICE server is stun:HOST[:PORT], turn:HOST[:PORT], with ?transport=tcp over TCP, or turns:HOST[:PORT]; user and secret are not part of it.");
}
