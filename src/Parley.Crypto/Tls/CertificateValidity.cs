namespace Parley.Crypto.Tls;

/// <summary>Whether a certificate counts at one moment.</summary>
public enum CertificateValidity
{
    /// <summary>Within its dates.</summary>
    Valid,

    /// <summary>Before its first moment.</summary>
    NotYetValid,

    /// <summary>After its last moment.</summary>
    Expired,
}
