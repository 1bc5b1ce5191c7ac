namespace Parley.Client.Peering.Paths;

/// <summary>A certificate that one kind of path makes for one session; its fingerprint is in what both agents sign.</summary>
internal interface ISessionCertificate : IDisposable
{
    /// <summary>SHA-256 of the certificate, 32 bytes.</summary>
    ReadOnlyMemory<byte> Fingerprint { get; }
}
