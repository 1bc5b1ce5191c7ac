using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;

namespace Parley.Hub.Identity.Keys;

/// <summary>The certificate of <c>--tls self</c>: P-256, ten years, certificate and key together in <c>hub.tls.pem</c> (mode 0600).</summary>
/// <remarks>Agents pin the key, so a certificate that runs out or lacks a host name is issued anew over the same key and nobody notices.</remarks>
internal static class SelfMadeCertificate
{
    /// <summary>The file in the data folder.</summary>
    public const string FileName = "hub.tls.pem";

    private const int LifetimeYears = 10;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private static readonly TimeSpan _renewBefore = TimeSpan.FromDays(30);

    // A client whose clock is behind ours must not find the certificate in its future.
    private static readonly TimeSpan _clockTolerance = TimeSpan.FromDays(1);

    /// <summary>Makes the file at the first start, and a new certificate over the same key when the one there is about to run out or misses a host.</summary>
    /// <param name="dataFolder">The hub's data folder.</param>
    /// <param name="hubId">Goes into the certificate's subject, for people who look.</param>
    /// <param name="hosts">DNS names and IP addresses that clients use.</param>
    /// <param name="now">The time.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="ParleyException">
    /// <see cref="ErrorCode.IntegrityFailed"/>: the file is damaged; a new key would lock every agent out, so none is made.
    /// <see cref="ErrorCode.FilePermissions"/>: others may read it.
    /// </exception>
    public static string Ensure(string dataFolder, string hubId, IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (!File.Exists(path))
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            Issue(path, key, hubId, hosts, now);
            return path;
        }

        using var present = Read(path);
        if (present.NotAfter.ToUniversalTime() - now.UtcDateTime < _renewBefore || !hosts.All(host => Covers(present, host)))
        {
            using var key = present.GetECDsaPrivateKey()!;
            Issue(path, key, hubId, hosts, now);
        }

        return path;
    }

    private static X509Certificate2 Read(string path)
    {
        var pem = Encoding.ASCII.GetString(SecretFile.Read(path));
        try
        {
            var certificate = X509Certificate2.CreateFromPem(pem, pem);
            return certificate.GetECDsaPublicKey() is not null ? certificate : throw new CryptographicException("Not a P-256 key.");
        }
        catch (CryptographicException exception)
        {
            throw new ParleyException(ErrorCode.IntegrityFailed, $"The file {path} is damaged: restore it from a backup, since agents pin its key.", exception);
        }
    }

    private static void Issue(string path, ECDsa key, string hubId, IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        var request = new CertificateRequest($"CN=Parley {hubId}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(SubjectNames(hosts));
        using var certificate = request.CreateSelfSigned(now - _clockTolerance, now.AddYears(LifetimeYears));
        var pem = $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
        SecretFile.Write(path, Encoding.ASCII.GetBytes(pem));
    }

    private static X509Extension SubjectNames(IReadOnlyList<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return names.Build();
    }

    private static bool Covers(X509Certificate2 certificate, string host) =>
        certificate.MatchesHostname(host, allowWildcards: false, allowCommonName: false);
}
