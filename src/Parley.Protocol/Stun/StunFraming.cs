namespace Parley.Protocol.Stun;

/// <summary>What a datagram on a socket that several protocols share is, by its first byte (RFC 7983, 9443).</summary>
public enum StunFraming
{
    /// <summary>None of those known.</summary>
    Unknown = 0,

    /// <summary>0 to 3: STUN.</summary>
    Stun,

    /// <summary>20 to 63: DTLS.</summary>
    Dtls,

    /// <summary>64 to 79: TURN's channels, when it comes from a relay.</summary>
    Channel,

    /// <summary>128 to 191: RTP and RTCP.</summary>
    Rtp,
}
