namespace Parley.Crypto.Tls;

/// <summary>Whether a server asks who its clients are.</summary>
public enum TlsClientCertificates
{
    /// <summary>Not asked for.</summary>
    None,

    /// <summary>Asked for; a client that shows none is let in, one that shows a wrong one is not.</summary>
    Optional,

    /// <summary>A client that shows none, or a wrong one, is not let in.</summary>
    Required,
}
