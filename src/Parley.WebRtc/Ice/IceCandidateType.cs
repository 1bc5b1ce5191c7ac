namespace Parley.WebRtc.Ice;

/// <summary>How an address was learnt (RFC 8445, section 4).</summary>
public enum IceCandidateType
{
    /// <summary>An address of an interface.</summary>
    Host = 0,

    /// <summary>The address that a STUN server sees: the outside of a NAT.</summary>
    ServerReflexive,

    /// <summary>The address that the peer sees, learnt from a check.</summary>
    PeerReflexive,

    /// <summary>An address at a relay.</summary>
    Relayed,
}
