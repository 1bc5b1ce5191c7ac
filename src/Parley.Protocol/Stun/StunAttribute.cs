namespace Parley.Protocol.Stun;

/// <summary>Types of attributes. Those below 0x8000 must be understood by whoever answers a request.</summary>
public enum StunAttribute
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Address as seen, in clear; of old servers (RFC 3489).</summary>
    MappedAddress = 0x0001,

    /// <summary>Who asks; at most 508 bytes.</summary>
    Username = 0x0006,

    /// <summary>HMAC-SHA1 over what stands before it; 20 bytes.</summary>
    MessageIntegrity = 0x0008,

    /// <summary>Three digits and a reason.</summary>
    ErrorCode = 0x0009,

    /// <summary>Types that the answerer did not understand, two bytes each.</summary>
    UnknownAttributes = 0x000A,

    /// <summary>TURN: a channel's number and two bytes of zeros.</summary>
    ChannelNumber = 0x000C,

    /// <summary>TURN: seconds, 4 bytes.</summary>
    Lifetime = 0x000D,

    /// <summary>TURN: a peer's address.</summary>
    XorPeerAddress = 0x0012,

    /// <summary>TURN: what is sent or was received.</summary>
    Data = 0x0013,

    /// <summary>Where a password is valid.</summary>
    Realm = 0x0014,

    /// <summary>What the server wants to see again; at most 763 bytes.</summary>
    Nonce = 0x0015,

    /// <summary>TURN: the address that was given.</summary>
    XorRelayedAddress = 0x0016,

    /// <summary>TURN: family of the address wanted.</summary>
    RequestedAddressFamily = 0x0017,

    /// <summary>TURN: the protocol behind the relay; 17 is UDP.</summary>
    RequestedTransport = 0x0019,

    /// <summary>TURN: do not fragment.</summary>
    DontFragment = 0x001A,

    /// <summary>HMAC-SHA256; here always 32 bytes.</summary>
    MessageIntegritySha256 = 0x001C,

    /// <summary>SHA-256 of user and realm in place of the name.</summary>
    UserHash = 0x001E,

    /// <summary>The address as seen, masked so that middleboxes leave it alone.</summary>
    XorMappedAddress = 0x0020,

    /// <summary>ICE: what a candidate learnt from this check is worth; 4 bytes.</summary>
    Priority = 0x0024,

    /// <summary>ICE: this pair is to be used; empty.</summary>
    UseCandidate = 0x0025,

    /// <summary>Who answers; for people.</summary>
    Software = 0x8022,

    /// <summary>Another server to ask.</summary>
    AlternateServer = 0x8023,

    /// <summary>CRC-32 over what stands before it, masked; the last attribute.</summary>
    Fingerprint = 0x8028,

    /// <summary>ICE: the sender thinks it is controlled; 8 bytes for breaking ties.</summary>
    IceControlled = 0x8029,

    /// <summary>ICE: the sender thinks it controls; 8 bytes for breaking ties.</summary>
    IceControlling = 0x802A,

    /// <summary>Where the answer was sent from (RFC 5780).</summary>
    ResponseOrigin = 0x802B,

    /// <summary>The server's other address (RFC 5780).</summary>
    OtherAddress = 0x802C,
}
