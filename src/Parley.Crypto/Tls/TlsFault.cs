namespace Parley.Crypto.Tls;

/// <summary>Why a TLS connection was refused or ended; each names who can mend it.</summary>
public enum TlsFault
{
    /// <summary>Nothing was pinned, so nobody could be told from a stranger. Ours to mend: configure a pin.</summary>
    NoPin,

    /// <summary>What should be a pin, a certificate or a key is none, or they do not belong together. Ours to mend.</summary>
    Unreadable,

    /// <summary>The peer showed another certificate than the pinned one: it was replaced, or someone is in between. Compare with the peer's owner.</summary>
    PinMismatch,

    /// <summary>The peer's certificate is not an Ed25519 certificate that we can read. The peer's owner makes a new one.</summary>
    CertificateUnusable,

    /// <summary>The peer's certificate has expired. The peer's owner makes a new one, or a clock is wrong.</summary>
    CertificateExpired,

    /// <summary>The peer's certificate is not valid yet: most likely a clock is wrong.</summary>
    CertificateNotYetValid,

    /// <summary>We demand a certificate and the peer showed none.</summary>
    CertificateMissing,

    /// <summary>The peer demands a certificate and we showed none. Ours to mend: configure an identity.</summary>
    CertificateRequired,

    /// <summary>The peer refused our certificate: it pins another one, or ours has expired.</summary>
    CertificateRejected,

    /// <summary>The peer cannot speak TLS 1.3, and nothing older is spoken here.</summary>
    OldVersion,

    /// <summary>The peer does not speak TLS at all, plain HTTP for example.</summary>
    NotTls,

    /// <summary>Both sides name protocols (ALPN), and none in common.</summary>
    NoCommonProtocol,

    /// <summary>Both sides speak TLS 1.3, but share no suite, group or kind of signature.</summary>
    NoCommonParameters,

    /// <summary>The connection ended before the handshake was done.</summary>
    HandshakeCutOff,

    /// <summary>The handshake took too long.</summary>
    HandshakeTimedOut,

    /// <summary>The connection ended without the peer's close_notify: bytes may be missing, and somebody may have cut them off.</summary>
    Truncated,

    /// <summary>What arrived is not what the peer sent, or breaks the protocol.</summary>
    Damaged,

    /// <summary>The peer gave up for a reason of its own.</summary>
    PeerFailed,

    /// <summary>This connection had failed, or a write on it was left unfinished, before the call.</summary>
    Broken,
}
