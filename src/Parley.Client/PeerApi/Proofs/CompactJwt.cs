using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Parley.Client.PeerApi.Proofs;

/// <summary>A JSON Web Token in its compact form (RFC 7519, RFC 7515 section 3.1), taken apart and not yet believed.</summary>
/// <remarks>Strict: three parts of canonical base64url without padding, two JSON objects without doubled members, no critical extensions.</remarks>
public sealed class CompactJwt
{
    /// <summary>Longest token in characters: 8 KiB, room for many times what a peer says.</summary>
    public const int MaxLength = 8 * 1024;

    private const int MaxDepth = 4;

    private CompactJwt(string algorithm, string? type, PeerClaims claims, byte[] signedBytes, byte[] signature) =>
        (Algorithm, Type, Claims, SignedBytes, Signature) = (algorithm, type, claims, signedBytes, signature);

    /// <summary>What the header says it was made with: compared with what is expected, never followed.</summary>
    public string Algorithm { get; }

    /// <summary>The header's <c>typ</c>.</summary>
    public string? Type { get; }

    /// <summary>What it says.</summary>
    public PeerClaims Claims { get; }

    /// <summary>What the signature is over.</summary>
    public ReadOnlyMemory<byte> SignedBytes { get; }

    /// <summary>The signature or MAC.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>Takes a token apart; false for anything that is none.</summary>
    public static bool TryRead(string? text, [NotNullWhen(true)] out CompactJwt? token)
    {
        token = null;
        if (text is not { Length: > 0 and <= MaxLength })
        {
            return false;
        }

        var parts = text.Split('.');
        if (parts.Length != 3 || Decode(parts[0]) is not { } header || Decode(parts[1]) is not { } payload || Decode(parts[2]) is not { } signature)
        {
            return false;
        }

        try
        {
            using var head = Parse(header);
            using var body = Parse(payload);
            if (head.RootElement.ValueKind != JsonValueKind.Object || body.RootElement.ValueKind != JsonValueKind.Object ||
                head.RootElement.TryGetProperty("crit", out _) || PeerClaims.TextOf(head.RootElement, "alg") is not { } algorithm)
            {
                return false;
            }

            var signed = Encoding.ASCII.GetBytes(text, 0, parts[0].Length + 1 + parts[1].Length);
            token = new CompactJwt(algorithm, PeerClaims.TextOf(head.RootElement, "typ"), PeerClaims.Of(body.RootElement), signed, signature);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter: a text that is no Unicode.
            return false;
        }
    }

    /// <summary>Writes a token.</summary>
    /// <param name="header">The header as JSON.</param>
    /// <param name="claims">The claims as JSON.</param>
    /// <param name="sign">Signs the first two parts.</param>
    public static string Write(ReadOnlySpan<byte> header, ReadOnlySpan<byte> claims, Func<byte[], byte[]> sign)
    {
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static JsonDocument Parse(byte[] json) => JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });

    // Encoding again shows what a decoder forgives: padding, white space, bits that stand for nothing.
    private static byte[]? Decode(string part)
    {
        var bytes = new byte[part.Length];
        return part.Length > 0 && Base64Url.IsValid(part) && Base64Url.TryDecodeFromChars(part, bytes, out var length) && Base64Url.EncodeToString(bytes.AsSpan(0, length)) == part
            ? bytes[..length]
            : null;
    }
}
