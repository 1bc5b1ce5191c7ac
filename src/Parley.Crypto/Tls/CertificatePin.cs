using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Crypto.Tls;

/// <summary>Which certificate a peer must show: a hash of the whole certificate, or of its key alone, so that a renewed certificate of the same key still fits.</summary>
/// <remarks>
/// Certificate pins are read in every spelling that people copy: <c>SHA256:AA:BB..</c>, <c>sha256 Fingerprint=AA:BB..</c>, plain hex, any case, with or without colons, or the PEM itself.
/// Key pins (RFC 7469, section 2.4) are 43 characters of base64url as Parley writes them, or <c>sha256//</c> and base64 as curl does.
/// Comparing takes the same time for every certificate.
/// </remarks>
public sealed class CertificatePin : IEquatable<CertificatePin>
{
    /// <summary>Length of the hash in bytes.</summary>
    public const int HashSize = SHA256.HashSizeInBytes;

    private const string Prefix = "SHA256:";
    private const string CurlPrefix = "sha256//";
    private const int KeyPinLength = 43;

    /// <summary>Longest text that is looked at: the longest spelling of a fingerprint, with room for spaces.</summary>
    private const int MaxTextLength = 256;

    private static readonly string[] _prefixes = ["sha256 fingerprint=", "sha256fingerprint=", "sha256:", "sha256="];

    private readonly byte[] _hash;

    private CertificatePin(ReadOnlySpan<byte> hash, bool isOfKey) => (_hash, IsOfKey) = (hash.ToArray(), isOfKey);

    /// <summary>Whether the key alone is pinned, not the whole certificate.</summary>
    public bool IsOfKey { get; }

    /// <summary>Pins a whole certificate.</summary>
    public static CertificatePin Of(Ed25519Certificate certificate) => new(certificate.Fingerprint, isOfKey: false);

    /// <summary>Pins a certificate's key.</summary>
    public static CertificatePin OfKey(Ed25519Certificate certificate) => new(certificate.KeyHash, isOfKey: true);

    /// <summary>Pins the key whose SubjectPublicKeyInfo has this SHA-256.</summary>
    public static CertificatePin OfKeyHash(ReadOnlySpan<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, HashSize);
        return new CertificatePin(hash, isOfKey: true);
    }

    /// <summary>Reads any spelling of a pin.</summary>
    /// <exception cref="TlsException"><see cref="TlsFault.NoPin"/>: there is no text. <see cref="TlsFault.Unreadable"/>, <see cref="TlsFault.CertificateUnusable"/>: it is not one.</exception>
    public static CertificatePin Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw Missing();
        }

        if (text.Contains("-----BEGIN", StringComparison.Ordinal))
        {
            return Of(Ed25519Certificate.FromPem(text));
        }

        return TryParseHash(text, out var pin)
            ? pin
            : throw new TlsException(TlsFault.Unreadable, "A pin is the SHA-256 fingerprint of a certificate (64 hex digits, colons and \"SHA256:\" are optional), the certificate as PEM, or the hash of its key.");
    }

    /// <summary>Reads any spelling of a pin that is a hash; false for anything else.</summary>
    public static bool TryParseHash([NotNullWhen(true)] string? text, [NotNullWhen(true)] out CertificatePin? pin)
    {
        pin = null;
        var rest = text.AsSpan().Trim();
        if (rest.Length is 0 or > MaxTextLength)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[HashSize];
        var isOfKey = TryReadKeyHash(rest, hash);
        if (!isOfKey && !TryReadHex(rest, hash))
        {
            return false;
        }

        pin = new CertificatePin(hash, isOfKey);
        return true;
    }

    /// <summary>The pin of a peer's entry that may have a fingerprint, a certificate, or both; both must name the same certificate.</summary>
    /// <exception cref="TlsException"><see cref="TlsFault.NoPin"/>: neither. <see cref="TlsFault.Unreadable"/>: one is not what it should be, or they disagree.</exception>
    public static CertificatePin FromEntry(string? fingerprint, string? certificatePem)
    {
        if (string.IsNullOrWhiteSpace(certificatePem))
        {
            return Parse(fingerprint);
        }

        var certificate = Ed25519Certificate.FromPem(certificatePem);
        var named = string.IsNullOrWhiteSpace(fingerprint) ? Of(certificate) : Parse(fingerprint);
        return named.Matches(certificate)
            ? named
            : throw new TlsException(TlsFault.Unreadable, "The pinned certificate and the pinned fingerprint are of two certificates: ask the peer's owner which is right.");
    }

    /// <summary>The refusal for a peer without a pin.</summary>
    public static TlsException Missing() =>
        new(TlsFault.NoPin, "No certificate is pinned for this peer: ask its owner for the fingerprint and configure it; without one nobody is talked to.");

    /// <summary>Whether a certificate is the pinned one; takes the same time for every certificate.</summary>
    public bool Matches(Ed25519Certificate certificate) =>
        CryptographicOperations.FixedTimeEquals(_hash, IsOfKey ? certificate.KeyHash : certificate.Fingerprint);

    /// <summary>Whether a certificate is any of the pinned ones; looks at all of them.</summary>
    public static bool MatchesAny(IEnumerable<CertificatePin> pins, Ed25519Certificate certificate)
    {
        var isPinned = false;
        foreach (var pin in pins)
        {
            isPinned |= pin.Matches(certificate);
        }

        return isPinned;
    }

    /// <inheritdoc/>
    public bool Equals(CertificatePin? other) => other is not null && IsOfKey == other.IsOfKey && CryptographicOperations.FixedTimeEquals(_hash, other._hash);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CertificatePin);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_hash);

    /// <summary>The form to hand over: <c>SHA256:AA:BB..</c> of a certificate, base64url of a key.</summary>
    public override string ToString()
    {
        if (IsOfKey)
        {
            return Base64Url.EncodeToString(_hash);
        }

        var text = new StringBuilder(Prefix, Prefix.Length + (3 * HashSize));
        text.AppendJoin(':', _hash.Select(octet => octet.ToString("X2")));
        return text.ToString();
    }

    private static bool TryReadKeyHash(ReadOnlySpan<char> text, Span<byte> hash)
    {
        int length;
        if (text.StartsWith(CurlPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return Convert.TryFromBase64Chars(text[CurlPrefix.Length..], hash, out length) && length == HashSize;
        }

        return text.Length == KeyPinLength && Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, hash, out length) && length == HashSize;
    }

    private static bool TryReadHex(ReadOnlySpan<char> text, Span<byte> hash)
    {
        foreach (var prefix in _prefixes)
        {
            if (text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                text = text[prefix.Length..].TrimStart();
                break;
            }
        }

        for (var i = 0; i < HashSize; i++)
        {
            // A colon stands between two octets, never elsewhere: text that was cut or shifted is not guessed at.
            if (i > 0 && text.StartsWith(":"))
            {
                text = text[1..];
            }

            if (text.Length < 2 || Convert.FromHexString(text[..2], hash[i..], out _, out _) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            text = text[2..];
        }

        return text.IsEmpty;
    }
}
