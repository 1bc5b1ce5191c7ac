using System.Buffers.Text;
using System.Security.Cryptography;
using Parley.Crypto;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi.Entries;

/// <summary>Ed25519 keys as people put them into <c>peers.json</c>: the raw 32 bytes or DER, as base64, base64url or hex, or PEM.</summary>
public static class PeerKeyText
{
    private const int MaxLength = 4096;
    private const string PemBegin = "-----BEGIN";

    /// <summary>What stands before the 32 bytes of a public key in DER (RFC 8410, section 4: SubjectPublicKeyInfo).</summary>
    private static readonly byte[] _publicPrefix = Convert.FromHexString("302a300506032b6570032100");

    /// <summary>What stands before the 32 bytes of a private key in DER (RFC 8410, section 7: PKCS#8).</summary>
    private static readonly byte[] _privatePrefix = Convert.FromHexString("302e020100300506032b657004220420");

    /// <summary>The public key of a text, 32 bytes.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>; the text is not repeated.</exception>
    public static byte[] ReadPublic(string text) => Read(text, _publicPrefix, "PUBLIC KEY") ?? throw Wrong("verifyKey");

    /// <summary>The private key of a text.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>; the text is not repeated.</exception>
    public static Ed25519Key ReadPrivate(string text)
    {
        var seed = Read(text, _privatePrefix, "PRIVATE KEY") ?? throw Wrong("signingKey");
        try
        {
            return Ed25519Key.FromSeed(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>A public key as Parley hands it over: SubjectPublicKeyInfo in base64, which older peers read too.</summary>
    public static string WritePublic(ReadOnlySpan<byte> key) => Convert.ToBase64String([.. _publicPrefix, .. key]);

    /// <summary>SHA-256 over a public key's SubjectPublicKeyInfo: the pin of a certificate of that key.</summary>
    public static byte[] HashOf(ReadOnlySpan<byte> key) => SHA256.HashData([.. _publicPrefix, .. key]);

    private static byte[]? Read(string text, byte[] prefix, string label)
    {
        var trimmed = text.Trim();
        if (trimmed.Length > MaxLength)
        {
            return null;
        }

        var bytes = trimmed.StartsWith(PemBegin, StringComparison.Ordinal) ? FromPem(trimmed, label) : FromText(trimmed);
        return bytes switch
        {
            { Length: Ed25519.PublicKeySize } => bytes,
            { } der when der.Length == prefix.Length + Ed25519.PublicKeySize && der.AsSpan().StartsWith(prefix) => der[prefix.Length..],
            _ => null,
        };
    }

    private static byte[]? FromPem(string text, string label)
    {
        if (!PemEncoding.TryFind(text, out var fields) || text[fields.Label] != label)
        {
            return null;
        }

        return Convert.FromBase64String(text[fields.Base64Data]);
    }

    private static byte[]? FromText(string text)
    {
        if (text.Length == 2 * Ed25519.PublicKeySize && text.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(text);
        }

        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text, buffer, out var length) || (Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, buffer, out length))
            ? buffer[..length]
            : null;
    }

    private static ParleyException Wrong(string field) =>
        new(ErrorCode.InvalidArgument, $"{field} is no Ed25519 key (32 bytes or DER, in base64 or hex, or PEM)");
}
