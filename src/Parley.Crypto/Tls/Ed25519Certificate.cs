using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Parley.Crypto.Tls;

/// <summary>An X.509 certificate of an Ed25519 key (RFC 5280, RFC 8410), as far as pinning looks into it: the bytes, the key, the dates.</summary>
/// <remarks>
/// Nothing here says that the certificate is to be trusted: names and signature are not looked at, a pin decides.
/// Only strict DER is read, 16 KiB at most, by managed code; what OpenSSL would read leniently is refused.
/// </remarks>
public sealed class Ed25519Certificate
{
    /// <summary>Largest certificate in bytes, 16 KiB; real ones have about 350.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>The algorithm of the key and of the signature (RFC 8410, section 3).</summary>
    internal const string AlgorithmOid = "1.3.101.112";

    private const string PemLabel = "CERTIFICATE";

    /// <summary>UTCTime has two digits for the year: 50 to 99 are of the last century (RFC 5280, section 4.1.2.5.1).</summary>
    private const int LastUtcYear = 2049;

    private readonly byte[] _der;
    private readonly byte[] _fingerprint;
    private readonly byte[] _keyHash;
    private readonly byte[] _publicKey;

    private Ed25519Certificate(byte[] der, ReadOnlySpan<byte> keyStructure, byte[] publicKey, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        (_der, _publicKey, NotBefore, NotAfter) = (der, publicKey, notBefore, notAfter);
        _fingerprint = SHA256.HashData(der);
        _keyHash = SHA256.HashData(keyStructure);
    }

    /// <summary>The certificate itself, DER.</summary>
    public ReadOnlyMemory<byte> Der => _der;

    /// <summary>The key, 32 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>SHA-256 over the DER, 32 bytes: what <c>openssl x509 -fingerprint -sha256</c> prints.</summary>
    public ReadOnlySpan<byte> Fingerprint => _fingerprint;

    /// <summary>SHA-256 over the SubjectPublicKeyInfo, 32 bytes: what <c>curl --pinnedpubkey</c> compares.</summary>
    public ReadOnlySpan<byte> KeyHash => _keyHash;

    /// <summary>First moment at which it counts.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>Last moment at which it counts.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>Reads DER.</summary>
    /// <exception cref="TlsException"><see cref="TlsFault.CertificateUnusable"/>: not a certificate, not strict DER, too large, or of another kind of key.</exception>
    public static Ed25519Certificate Read(ReadOnlySpan<byte> der)
    {
        if (der.Length > MaxBytes)
        {
            throw Unusable("is too large");
        }

        try
        {
            return Parse(der.ToArray());
        }
        catch (AsnContentException exception)
        {
            throw Unusable("cannot be read", exception);
        }
    }

    /// <summary>Reads the first certificate of a PEM text, as <c>openssl req -x509</c> writes it; text around it is ignored.</summary>
    /// <exception cref="TlsException"><see cref="TlsFault.Unreadable"/>: no such block. <see cref="TlsFault.CertificateUnusable"/>: as <see cref="Read"/>.</exception>
    public static Ed25519Certificate FromPem(ReadOnlySpan<char> pem)
    {
        // Twice the limit: base64 takes a third more, line ends and remarks the rest.
        if (pem.Length > 2 * MaxBytes || !PemEncoding.TryFind(pem, out var fields) || !pem[fields.Label].SequenceEqual(PemLabel))
        {
            throw new TlsException(TlsFault.Unreadable, "No CERTIFICATE block was found in the PEM text.");
        }

        var der = new byte[fields.DecodedDataLength];
        return Convert.TryFromBase64Chars(pem[fields.Base64Data], der, out var length)
            ? Read(der.AsSpan(0, length))
            : throw new TlsException(TlsFault.Unreadable, "The PEM text is not valid base64.");
    }

    /// <summary>The certificate as PEM, ending in a line feed.</summary>
    public string ToPem() => PemEncoding.WriteString(PemLabel, _der) + "\n";

    /// <summary>Whether it counts at a moment.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="skew">How far the clock may be wrong, either way.</param>
    public CertificateValidity ValidityAt(DateTimeOffset now, TimeSpan skew) =>
        now - NotAfter > skew ? CertificateValidity.Expired
        : NotBefore - now > skew ? CertificateValidity.NotYetValid
        : CertificateValidity.Valid;

    /// <summary>Its fingerprint, for people.</summary>
    public override string ToString() => CertificatePin.Of(this).ToString();

    // Certificate: SEQUENCE { TBSCertificate, AlgorithmIdentifier, BIT STRING } (RFC 5280, section 4.1).
    private static Ed25519Certificate Parse(byte[] der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var certificate = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var body = certificate.ReadSequence();
        CheckAlgorithm(certificate.ReadSequence(), "signature");
        if (certificate.ReadBitString(out _).Length != Ed25519.SignatureSize)
        {
            throw Unusable("has a signature of a wrong length");
        }

        certificate.ThrowIfNotEmpty();
        return ParseBody(der, body);
    }

    // TBSCertificate: [0] version, serial, AlgorithmIdentifier, issuer, validity, subject, SubjectPublicKeyInfo, then extensions.
    private static Ed25519Certificate ParseBody(byte[] der, AsnReader body)
    {
        var version = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        if (body.PeekTag() == version)
        {
            body.ReadSequence(version);
        }

        body.ReadIntegerBytes();
        CheckAlgorithm(body.ReadSequence(), "signature");
        body.ReadSequence();
        var dates = body.ReadSequence();
        var (notBefore, notAfter) = (ReadTime(dates), ReadTime(dates));
        dates.ThrowIfNotEmpty();
        body.ReadSequence();
        var keyStructure = body.PeekEncodedValue();
        var key = body.ReadSequence();
        CheckAlgorithm(key.ReadSequence(), "key");
        var publicKey = key.ReadBitString(out var unused);
        key.ThrowIfNotEmpty();
        return publicKey.Length == Ed25519.PublicKeySize && unused == 0
            ? new Ed25519Certificate(der, keyStructure.Span, publicKey, notBefore, notAfter)
            : throw Unusable("has a key of a wrong length");
    }

    private static void CheckAlgorithm(AsnReader algorithm, string what)
    {
        if (algorithm.ReadObjectIdentifier() != AlgorithmOid)
        {
            throw Unusable($"has a {what} of another kind than Ed25519");
        }

        algorithm.ThrowIfNotEmpty();
    }

    private static DateTimeOffset ReadTime(AsnReader dates) =>
        dates.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? dates.ReadUtcTime(LastUtcYear) : dates.ReadGeneralizedTime();

    private static TlsException Unusable(string why, Exception? inner = null) =>
        new(TlsFault.CertificateUnusable, $"The certificate {why}: its owner must make an Ed25519 certificate.", inner);
}
