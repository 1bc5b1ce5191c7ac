using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Gateway.Cards;

/// <summary>JWS signatures with ECDSA on P-256 and SHA-256 (RFC 7515, RFC 7518 section 3.4): two numbers of 32 bytes each.</summary>
public static class Es256
{
    private const int CoordinateSize = 32;
    private const int SignatureSize = 64;

    /// <summary>Signs a JWS signing input.</summary>
    public static byte[] Sign(ECDsa key, ReadOnlySpan<byte> signingInput) =>
        key.SignData(signingInput, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>Whether the signature is the key's over that input.</summary>
    public static bool Verify(ECDsa key, ReadOnlySpan<byte> signingInput, ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureSize && key.VerifyData(signingInput, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>The key of the two coordinates of a JWK; null where they are no point of the curve.</summary>
    public static ECDsa? FromCoordinates(string x, string y)
    {
        try
        {
            var point = new ECPoint { X = Base64Url.DecodeFromChars(x), Y = Base64Url.DecodeFromChars(y) };
            return point.X.Length == CoordinateSize && point.Y.Length == CoordinateSize
                ? ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point })
                : null;
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The public key as a JWK, with its thumbprint (RFC 7638) as kid.</summary>
    public static (string Kid, string X, string Y) PublicKey(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var (x, y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        var thumbprint = SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}"""));
        return (Base64Url.EncodeToString(thumbprint), x, y);
    }

    /// <summary>The key set that verifiers fetch (RFC 7517).</summary>
    public static string KeySet(IEnumerable<ECDsa> keys) => "{\"keys\":[" + string.Join(',', keys.Select(key =>
    {
        var (kid, x, y) = PublicKey(key);
        return $$"""{"kty":"EC","crv":"P-256","x":"{{x}}","y":"{{y}}","kid":"{{kid}}","alg":"ES256","use":"sig"}""";
    })) + "]}";
}
