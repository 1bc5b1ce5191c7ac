namespace Parley.WebRtc.Connections;

/// <summary>Why a <see cref="PeerConnection"/> failed.</summary>
public enum PeerConnectionFailure
{
    /// <summary>It did not.</summary>
    None = 0,

    /// <summary>No pair of addresses worked. <see cref="PeerConnection.Restart"/> may help.</summary>
    NoPath,

    /// <summary>There was a path; the peer has not answered on it for too long. <see cref="PeerConnection.Restart"/> may help.</summary>
    PathLost,

    /// <summary>The peer showed another certificate than the one that was signalled: somebody is in between. Nothing was sent to it.</summary>
    OtherCertificate,

    /// <summary>DTLS failed otherwise.</summary>
    Handshake,

    /// <summary>The peer's SCTP does not answer, though its ICE does.</summary>
    NoAnswer,

    /// <summary>The peer broke the protocol, or sent a message beyond our limit.</summary>
    ProtocolViolation,
}
