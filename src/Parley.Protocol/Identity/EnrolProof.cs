using System.Security.Cryptography;
using System.Text;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Identity;

/// <summary>What a new agent signs to enrol its key: proof that whoever presents the join token also holds the key.</summary>
/// <remarks>
/// Layout: <c>parley-enrol-v1</c> | NUL | fields, each with its length before it (u16, big endian): hub id
/// | SHA-256 of the SubjectPublicKeyInfo of the hub's certificate as the client saw it (32 bytes; empty without TLS) | SHA-256 of the join token's text (32)
/// | agent's identity key (32) | name asked for (empty: the hub chooses) | client's nonce (32) | time of signing (u64, Unix milliseconds).
/// </remarks>
public static class EnrolProof
{
    /// <summary>First bytes of what is signed.</summary>
    public const string Purpose = "parley-enrol-v1";

    /// <summary>Length of the nonce in bytes.</summary>
    public const int NonceSize = 32;

    /// <summary>Length of an Ed25519 public key in bytes.</summary>
    public const int PublicKeySize = 32;

    /// <summary>The bytes to sign, or to verify against.</summary>
    /// <param name="hubId">The hub's id from the join string.</param>
    /// <param name="hubKeyHash">SHA-256 of the hub's SubjectPublicKeyInfo on this connection; empty without TLS.</param>
    /// <param name="tokenHash">From <see cref="HashToken"/>.</param>
    /// <param name="publicKey">The agent's identity key.</param>
    /// <param name="name">The name asked for, or empty.</param>
    /// <param name="nonce">32 fresh random bytes.</param>
    /// <param name="signedAt">When the client signs.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: a field of a wrong length.</exception>
    public static byte[] Build(
        string hubId,
        ReadOnlySpan<byte> hubKeyHash,
        ReadOnlySpan<byte> tokenHash,
        ReadOnlySpan<byte> publicKey,
        string name,
        ReadOnlySpan<byte> nonce,
        DateTimeOffset signedAt) =>
        new SignedFields(Purpose)
            .Add(hubId)
            .AddHashOrNothing(hubKeyHash, "hub's key hash")
            .AddExactly(SHA256.HashSizeInBytes, tokenHash, "token's hash")
            .AddExactly(PublicKeySize, publicKey, "public key")
            .Add(name)
            .AddExactly(NonceSize, nonce, "nonce")
            .Add((ulong)Math.Max(0, signedAt.ToUnixTimeMilliseconds()))
            .ToArray();

    /// <summary>The join token as it goes into the signed bytes: SHA-256 of its text.</summary>
    public static byte[] HashToken(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
