using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Parley.Crypto.Tls;

/// <summary>Makes certificates that nobody but their own key vouches for: peers know them by their pin.</summary>
public static class SelfSignedCertificate
{
    /// <summary>Longest common name in characters (RFC 5280, appendix A: ub-common-name).</summary>
    public const int MaxNameLength = 64;

    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";
    private const int SerialBytes = 16;

    /// <summary>How far before now it begins to count: a peer's clock may be slow.</summary>
    private static readonly TimeSpan _backdate = TimeSpan.FromHours(1);

    /// <summary>Makes a certificate for both ends of a connection.</summary>
    /// <param name="key">The key that it is of, and that signs it.</param>
    /// <param name="name">Subject common name, 1 to 64 characters.</param>
    /// <param name="hosts">Subject alternative names: DNS names and IP addresses; may be empty, since a pin decides and no name.</param>
    /// <param name="lifetime">How long it counts.</param>
    /// <param name="timeProvider">The clock.</param>
    public static Ed25519Certificate Make(Ed25519Key key, string name, IReadOnlyCollection<string> hosts, TimeSpan lifetime, TimeProvider timeProvider)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, MaxNameLength);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), PublicKeyOf(key), HashAlgorithmName.SHA512);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerUse), new Oid(ClientUse)], critical: false));
        if (hosts.Count > 0)
        {
            request.CertificateExtensions.Add(Names(hosts));
        }

        var now = timeProvider.GetUtcNow();
        using var made = request.Create(request.SubjectName, new Signer(key), now - _backdate, now + lifetime, Serial());
        return Ed25519Certificate.Read(made.RawData);
    }

    private static X509Extension Names(IReadOnlyCollection<string> hosts)
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

    // Positive, and never zero at its start: DER drops leading zeros and the length would vary.
    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return serial;
    }

    private static PublicKey PublicKeyOf(Ed25519Key key)
    {
        var algorithm = new Oid(Ed25519Certificate.AlgorithmOid);

        // RFC 8410, section 3: the parameters are absent, which an empty value stands for here.
        return new PublicKey(algorithm, null, new AsnEncodedData(algorithm, key.PublicKey.ToArray()));
    }

    /// <summary>Lets .NET lay out the certificate while our key signs it; the hash it names is not used, Ed25519 hashes itself.</summary>
    private sealed class Signer(Ed25519Key key) : X509SignatureGenerator
    {
        /// <summary>SEQUENCE { OID 1.3.101.112 }.</summary>
        private static readonly byte[] _algorithm = [0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];

        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => _algorithm;

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.Sign(data);

        protected override PublicKey BuildPublicKey() => PublicKeyOf(key);
    }
}
