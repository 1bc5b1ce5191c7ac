namespace Parley.Crypto.Dtls;

/// <summary>Why a DTLS connection failed.</summary>
public enum DtlsFault
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>The peer showed another certificate than the one whose fingerprint was told: somebody is in between, or it is another peer. Never to be shrugged off.</summary>
    OtherCertificate,

    /// <summary>The peer showed no certificate.</summary>
    CertificateMissing,

    /// <summary>The peer refused our certificate: it was told another fingerprint, or somebody is in between.</summary>
    CertificateRejected,

    /// <summary>The peer speaks no DTLS 1.2; nothing older is spoken here.</summary>
    OldVersion,

    /// <summary>No suite, group or kind of signature in common, or no extended master secret.</summary>
    NoCommonParameters,

    /// <summary>Flights of the handshake were repeated in vain.</summary>
    NoAnswer,

    /// <summary>The peer gave up for a reason of its own.</summary>
    PeerFailed,

    /// <summary>What arrived breaks the protocol.</summary>
    Damaged,
}
