namespace Parley.WebRtc.Sctp;

/// <summary>What an <see cref="SctpAssociation"/> may use and how patient it is.</summary>
public sealed record SctpOptions
{
    /// <summary>Our port, as the SDP says it.</summary>
    /// <value>Default 5000, as all WebRTC stacks use.</value>
    public ushort LocalPort { get; init; } = 5000;

    /// <summary>The peer's port.</summary>
    /// <value>Default 5000.</value>
    public ushort RemotePort { get; init; } = 5000;

    /// <summary>Bytes of a packet before anything is known about the path, SCTP header included.</summary>
    /// <value>512 to 65,000, default 1160: with the 37 bytes that DTLS adds a datagram stays under 1,200 bytes, which passes everywhere (RFC 8831, section 5).</value>
    public int StartPacketBytes { get; init; } = 1160;

    /// <summary>Bytes up to which larger packets are tried (RFC 8899); equal to <see cref="StartPacketBytes"/>, or less, tries none.</summary>
    /// <value>Up to 65,000, default 1160. Each end's memory for one packet.</value>
    public int MaxPacketBytes { get; init; } = 1160;

    /// <summary>Bytes that may wait here for their reader or for missing pieces; the window that the peer is told.</summary>
    /// <value>At least 64 KiB, default 4 MiB. Throughput is at most this much a round trip.</value>
    public int ReceiveBufferBytes { get; init; } = 4 << 20;

    /// <summary>Bytes that may wait to be sent the first time; <see cref="SctpAssociation.Send"/> answers <see cref="SctpSendResult.Full"/> beyond.</summary>
    /// <value>Default 4 MiB.</value>
    public int SendBufferBytes { get; init; } = 4 << 20;

    /// <summary>Bytes sent and not yet acknowledged, whatever window the peer claims to have.</summary>
    /// <value>Default 16 MiB.</value>
    public int MaxOutstandingBytes { get; init; } = 16 << 20;

    /// <summary>The largest message taken from the peer; a larger one ends the association.</summary>
    /// <value>Default 256 KiB, what other stacks send at most.</value>
    public int MaxMessageBytes { get; init; } = 256 << 10;

    /// <summary>Streams in each direction.</summary>
    /// <value>1 to 65,535, default 1024.</value>
    public ushort MaxStreams { get; init; } = 1024;

    /// <summary>Retransmission timeout before the first sample of the round trip.</summary>
    /// <value>Default 1 s (RFC 9260, section 16).</value>
    public TimeSpan InitialTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Least retransmission timeout.</summary>
    /// <value>Default 300 ms: longer than the 200 ms for which the other end may hold back an acknowledgement.</value>
    public TimeSpan MinTimeout { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Greatest retransmission timeout.</summary>
    /// <value>Default 10 s: the consent checks of ICE have long decided by then.</value>
    public TimeSpan MaxTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an acknowledgement of a single packet is held back.</summary>
    /// <value>At most 500 ms, default 20 ms.</value>
    public TimeSpan AcknowledgementDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Timeouts in a row after which the peer counts as gone.</summary>
    /// <value>Default 10.</value>
    public int MaxRetransmissions { get; init; } = 10;

    /// <summary>Time between heartbeats while nothing else is sent.</summary>
    /// <value>Default 30 s.</value>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a state cookie is good.</summary>
    /// <value>Default 60 s.</value>
    public TimeSpan CookieLifetime { get; init; } = TimeSpan.FromSeconds(60);
}
