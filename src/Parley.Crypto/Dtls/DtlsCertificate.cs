using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Parley.Crypto.OpenSsl;

namespace Parley.Crypto.Dtls;

/// <summary>What one end shows in a DTLS handshake: a fresh P-256 certificate that nobody but its own key vouches for. The peer knows it by its fingerprint.</summary>
/// <remarks>Made for one session and never stored. Its name says nothing: DTLS 1.2 sends certificates in the clear. May be disposed of while connections made with it live.</remarks>
public sealed class DtlsCertificate : IDisposable
{
    /// <summary>Bytes of <see cref="Fingerprint"/>.</summary>
    public const int FingerprintBytes = SHA256.HashSizeInBytes;

    private const string Name = "CN=WebRTC";
    private const int SerialBytes = 16;

    private static readonly TimeSpan _backdate = TimeSpan.FromDays(1);
    private static readonly TimeSpan _lifetime = TimeSpan.FromDays(30);

    private DtlsCertificate(ReadOnlyMemory<byte> der, EvpKeyHandle key) => (Der, Key, Fingerprint) = (der, key, SHA256.HashData(der.Span));

    /// <summary>The certificate, DER.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>SHA-256 of <see cref="Der"/>, 32 bytes: what is told to the peer beforehand.</summary>
    public ReadOnlyMemory<byte> Fingerprint { get; }

    /// <summary>The key, for OpenSSL.</summary>
    internal EvpKeyHandle Key { get; }

    /// <summary>Makes one with a new key.</summary>
    /// <param name="timeProvider">The clock, for the dates that it must have; peers do not look at them.</param>
    /// <exception cref="OpenSslMissingException">OpenSSL 3 is not installed.</exception>
    public static DtlsCertificate Make(TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(Name), key, HashAlgorithmName.SHA256);
        var now = timeProvider.GetUtcNow();
        using var made = request.Create(request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now - _backdate, now + _lifetime, Serial());
        return new DtlsCertificate(made.RawData, Import(key));
    }

    /// <inheritdoc/>
    public void Dispose() => Key.Dispose();

    // Positive, and never zero at its start: DER drops leading zeros.
    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return serial;
    }

    private static unsafe EvpKeyHandle Import(ECDsa key)
    {
        var der = key.ExportPkcs8PrivateKey();
        try
        {
            fixed (byte* start = der)
            {
                var next = start;
                var handle = LibCrypto.ReadPrivateKey(0, ref next, new System.Runtime.InteropServices.CLong(der.Length));
                LibCrypto.Check(!handle.IsInvalid, "the certificate's key");
                return handle;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }
}
