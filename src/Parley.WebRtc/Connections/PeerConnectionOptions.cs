using Parley.Crypto.Dtls;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Sctp;

namespace Parley.WebRtc.Connections;

/// <summary>What a <see cref="PeerConnection"/> may use, and its limits.</summary>
public sealed record PeerConnectionOptions
{
    /// <summary>The largest datagram that carries the largest record of DTLS.</summary>
    public const int MostDatagramBytes = DtlsConnection.MaxPlaintext + DtlsConnection.MaxOverhead;

    /// <summary>Servers, loopback, times.</summary>
    public IceOptions Ice { get; init; } = new();

    /// <summary>Buffers, times, and the largest message that is taken. Ports and the largest packet are set by the connection.</summary>
    public SctpOptions Sctp { get; init; } = new();

    /// <summary>Bytes of payload in a datagram up to which larger ones are tried, once it is connected (RFC 8899).</summary>
    /// <value>1,200 to <see cref="MostDatagramBytes"/>, the default. 1,200 tries none. A peer that is no Parley gets 1,472 at most, since browsers end DTLS at a record beyond 2,048 bytes; so does any peer while a relay is in between.</value>
    public int MaxDatagramBytes { get; init; } = MostDatagramBytes;

    /// <summary>Data channels at a time, of both ends together.</summary>
    /// <value>Default 256.</value>
    public int MaxChannels { get; init; } = 256;

    /// <summary>SHA-256 of the one certificate that the peer may show, where more is known than its description says: a description with another one is refused.</summary>
    /// <value>32 bytes; empty, the default: what the description says.</value>
    public ReadOnlyMemory<byte> PeerFingerprint { get; init; }

    /// <summary>How long <see cref="PeerConnection.Close"/> waits for what was sent to arrive.</summary>
    /// <value>Default 10 s.</value>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time after which a lost flight of the DTLS handshake is sent again, on the system's clock; doubled each time.</summary>
    /// <value>20 ms or more, default 400 ms.</value>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromMilliseconds(400);
}
