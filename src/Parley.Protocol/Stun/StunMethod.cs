namespace Parley.Protocol.Stun;

/// <summary>What a message is about; 12 bits.</summary>
public enum StunMethod
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Which address do you see me at? (RFC 8489); also ICE's connectivity check.</summary>
    Binding = 1,

    /// <summary>TURN: give me an address (RFC 8656).</summary>
    Allocate = 3,

    /// <summary>TURN: keep it, or with a lifetime of 0 drop it.</summary>
    Refresh = 4,

    /// <summary>TURN indication: send this to a peer.</summary>
    Send = 6,

    /// <summary>TURN indication: this came from a peer.</summary>
    Data = 7,

    /// <summary>TURN: let a peer's address in.</summary>
    CreatePermission = 8,

    /// <summary>TURN: a number in place of a peer's address.</summary>
    ChannelBind = 9,
}
