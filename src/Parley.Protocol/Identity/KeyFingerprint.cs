using System.Buffers.Text;
using System.Security.Cryptography;

namespace Parley.Protocol.Identity;

/// <summary>How an identity key is shown to people: <c>SHA256:</c> and base64url without padding of the SHA-256 of the raw public key, 50 characters.</summary>
public static class KeyFingerprint
{
    private const string Prefix = "SHA256:";

    /// <summary>The fingerprint of a raw Ed25519 public key.</summary>
    public static string Of(ReadOnlySpan<byte> publicKey) => Prefix + Base64Url.EncodeToString(SHA256.HashData(publicKey));
}
