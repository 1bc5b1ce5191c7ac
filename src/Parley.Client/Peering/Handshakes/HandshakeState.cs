namespace Parley.Client.Peering.Handshakes;

/// <summary>Where a handshake stands.</summary>
internal enum HandshakeState
{
    /// <summary>Opener: the offer is made, the answer is waited for.</summary>
    Offered,

    /// <summary>Acceptor: the answer is made, the opener's proof is waited for.</summary>
    Answered,

    /// <summary>The other end is proved.</summary>
    Proved,

    /// <summary>Something did not fit; nothing more is taken.</summary>
    Failed,
}
