using System.Security.Cryptography;
using System.Text;
using Parley.Crypto;

namespace Parley.Client.PeerApi.Proofs;

/// <summary>The signature over a whole request of the profile <c>abtars-req-v1</c>.</summary>
/// <remarks>
/// Signed, joined by line feeds, none at the end: <c>abtars-req-v1</c>, method, path and query as sent, Unix seconds, nonce, SHA-256 of the body in lower-case hex.
/// What it leaves open is the profile's own weakness: it does not say for whom the request is, nor its hop budget and conversation.
/// </remarks>
internal static class AbtarsSignature
{
    /// <summary>How far the two clocks may be apart, either way. <value>30 s.</value></summary>
    public const int MaxSkew = 30;

    /// <summary>Bytes of a nonce of ours, written in hex.</summary>
    public const int NonceSize = 16;

    private const string Purpose = "abtars-req-v1";

    /// <summary>Signs.</summary>
    /// <returns>Base64.</returns>
    public static string Sign(Ed25519Key key, string method, string target, long seconds, string nonce, ReadOnlySpan<byte> body) =>
        Convert.ToBase64String(key.Sign(Build(method, target, $"{seconds}", nonce, body)));

    /// <summary>Whether a signature is that of the head and this body.</summary>
    public static bool IsOf(ReadOnlySpan<byte> publicKey, PeerRequestHead head, ReadOnlySpan<byte> body)
    {
        var signature = new byte[Ed25519.SignatureSize];
        return Convert.TryFromBase64String(head.Signature ?? string.Empty, signature, out var length) && length == signature.Length &&
            Ed25519.Verify(publicKey, Build(head.Method, head.Target, head.Timestamp!, head.Nonce!, body), signature);
    }

    private static byte[] Build(string method, string target, string seconds, string nonce, ReadOnlySpan<byte> body) =>
        Encoding.UTF8.GetBytes(string.Join('\n', Purpose, method, target, seconds, nonce, Convert.ToHexStringLower(SHA256.HashData(body))));
}
