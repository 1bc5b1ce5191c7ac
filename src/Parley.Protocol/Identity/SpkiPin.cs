using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Identity;

/// <summary>Names a hub's key: SHA-256 of the certificate's SubjectPublicKeyInfo, so that a renewed certificate of the same key keeps its pin (as in RFC 7469, section 2.4).</summary>
/// <param name="Value">The hash as base64url without padding, 43 characters.</param>
public readonly record struct SpkiPin(string Value)
{
    /// <summary>Length of the hash in bytes.</summary>
    public const int HashSize = SHA256.HashSizeInBytes;

    private const int TextLength = 43;

    /// <summary>The pin of a certificate's key.</summary>
    public static SpkiPin Of(X509Certificate2 certificate) => FromHash(HashOf(certificate));

    /// <summary>The pin with this hash of 32 bytes.</summary>
    public static SpkiPin FromHash(ReadOnlySpan<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, HashSize);
        return new SpkiPin(Base64Url.EncodeToString(hash));
    }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static SpkiPin Parse(string text) =>
        TryParse(text, out var pin) ? pin : throw new ParleyException(ErrorCode.InvalidArgument, "A pin is 43 characters of base64url.");

    /// <summary>Reads the text form; false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SpkiPin pin)
    {
        pin = default;
        Span<byte> hash = stackalloc byte[HashSize];
        if (text?.Length != TextLength || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, hash, out var length) || length != HashSize)
        {
            return false;
        }

        pin = FromHash(hash);
        return true;
    }

    /// <summary>SHA-256 of a certificate's SubjectPublicKeyInfo, 32 bytes.</summary>
    public static byte[] HashOf(X509Certificate2 certificate) => SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>The 32 bytes.</summary>
    public byte[] ToHash() => Base64Url.DecodeFromChars(Value);

    /// <summary>Whether a hash is the pinned one; takes the same time for every hash.</summary>
    public bool Matches(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(ToHash(), hash);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
