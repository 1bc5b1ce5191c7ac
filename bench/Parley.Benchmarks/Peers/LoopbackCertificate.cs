using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Parley.Benchmarks.Peers;

/// <summary>A fresh self-made P-256 certificate for localhost, as the PEM files that servers ask for.</summary>
internal sealed class LoopbackCertificate
{
    private readonly byte[] _raw;

    /// <summary>Makes the key and writes <c>tls.crt</c> and <c>tls.key</c> (0600) into a folder.</summary>
    public LoopbackCertificate(string folder, TimeProvider timeProvider)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = timeProvider.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        _raw = certificate.RawData;
        CertificateFile = Path.Combine(folder, "tls.crt");
        KeyFile = Path.Combine(folder, "tls.key");
        SecretFile.Write(CertificateFile, certificate.ExportCertificatePem());
        SecretFile.Write(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>The certificate, PEM.</summary>
    public string CertificateFile { get; }

    /// <summary>Its private key, PKCS#8 PEM.</summary>
    public string KeyFile { get; }

    /// <summary>Whether a server showed this very certificate.</summary>
    public bool IsSame(X509Certificate presented) => _raw.AsSpan().SequenceEqual(presented.GetRawCertData());
}
