namespace Parley.WebRtc.Connections;

/// <summary>Where a <see cref="PeerConnection"/> stands.</summary>
/// <remarks>
/// <code>
/// New --both descriptions--> Connecting --ICE, DTLS and SCTP are up--> Connected &lt;-> Disconnected
/// Connecting, Disconnected --no path--> Failed --Restart, and a new pair of descriptions--> Connecting or Connected
/// any --Close of either end--> Closed;  any --forged certificate, broken protocol, silence--> Failed for good
/// </code>
/// </remarks>
public enum PeerConnectionState
{
    /// <summary>A description is missing: ours or the peer's.</summary>
    New = 0,

    /// <summary>Paths are tried, then the handshakes of DTLS and SCTP.</summary>
    Connecting,

    /// <summary>Data channels carry messages.</summary>
    Connected,

    /// <summary>The peer has not answered for a while, or the path is gone; it may come back.</summary>
    Disconnected,

    /// <summary>It does not work: see <see cref="PeerConnection.Failure"/>, which also says whether a restart can help.</summary>
    Failed,

    /// <summary>Ended by either side.</summary>
    Closed,
}
