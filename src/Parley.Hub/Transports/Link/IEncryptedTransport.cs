namespace Parley.Hub.Transports.Link;

/// <summary>A transport that runs inside TLS with the hub's own certificate.</summary>
internal interface IEncryptedTransport
{
    /// <summary>SHA-256 of the public key (SubjectPublicKeyInfo) that the client was shown; null in clear text.</summary>
    byte[]? KeyHash { get; }
}
