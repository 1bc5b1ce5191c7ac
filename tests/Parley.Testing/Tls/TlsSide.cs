using Parley.Crypto;
using Parley.Crypto.Tls;

namespace Parley.Testing.Tls;

/// <summary>One end's fresh identity for tests of pinned TLS.</summary>
public sealed class TlsSide : IDisposable
{
    /// <summary>Makes a key and a certificate of 30 days.</summary>
    /// <param name="name">Subject common name.</param>
    /// <param name="timeProvider">The clock of its dates; null = the system's.</param>
    public TlsSide(string name = "peer", TimeProvider? timeProvider = null)
    {
        var key = Ed25519Key.Generate();
        KeyPem = key.ExportPkcs8Pem();
        var certificate = SelfSignedCertificate.Make(key, name, ["localhost", "127.0.0.1"], TimeSpan.FromDays(30), timeProvider ?? TimeProvider.System);
        Identity = new TlsIdentity(certificate, key);
    }

    /// <summary>Certificate and key.</summary>
    public TlsIdentity Identity { get; }

    /// <summary>The certificate.</summary>
    public Ed25519Certificate Certificate => Identity.Certificate;

    /// <summary>The key, PKCS#8 PEM.</summary>
    public string KeyPem { get; }

    /// <summary>What pins it.</summary>
    public CertificatePin Pin => CertificatePin.Of(Certificate);

    /// <inheritdoc/>
    public void Dispose() => Identity.Dispose();
}
