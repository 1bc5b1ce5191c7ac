namespace Parley.Client.Peering;

/// <summary>How the bytes of a session travel, best first.</summary>
public enum PathKind
{
    /// <summary>TLS 1.3 with both certificates pinned, over a TCP connection between the two machines.</summary>
    DirectTcp,

    /// <summary>A WebRTC data channel over UDP between the two machines.</summary>
    DirectUdp,

    /// <summary>The same data channel, with a TURN server in between that sees ciphertext; found where <see cref="DirectUdp"/> is tried, never tried by itself.</summary>
    TurnRelayed,

    /// <summary>The same TLS as over TCP, inside a circuit through the hub, which sees ciphertext.</summary>
    Relayed,
}
