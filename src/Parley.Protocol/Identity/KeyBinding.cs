using Parley.Protocol.Errors;

namespace Parley.Protocol.Identity;

/// <summary>The identity key's word that two other keys are the same agent's: one for key agreement, one for TLS. Whoever pins the identity key can then trust these.</summary>
/// <remarks>
/// Signed layout: <c>parley-keys-v1</c> | NUL | fields, each with its length before it (u16, big endian): X25519 public key (32) | Ed25519 public key for TLS (32).
/// </remarks>
/// <param name="Identity">The Ed25519 identity key, 32 bytes.</param>
/// <param name="KeyAgreement">The X25519 key, 32 bytes.</param>
/// <param name="Tls">The Ed25519 key of the agent's TLS certificate, 32 bytes.</param>
/// <param name="Signature">The identity key's signature over <see cref="Build"/> of the other two, 64 bytes.</param>
public sealed record KeyBinding(
    ReadOnlyMemory<byte> Identity,
    ReadOnlyMemory<byte> KeyAgreement,
    ReadOnlyMemory<byte> Tls,
    ReadOnlyMemory<byte> Signature)
{
    /// <summary>First bytes of what is signed.</summary>
    public const string Purpose = "parley-keys-v1";

    /// <summary>Length of each of the three public keys in bytes.</summary>
    public const int KeySize = 32;

    /// <summary>The bytes to sign.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: a key of a wrong length.</exception>
    public static byte[] Build(ReadOnlySpan<byte> keyAgreement, ReadOnlySpan<byte> tls) =>
        new SignedFields(Purpose)
            .AddExactly(KeySize, keyAgreement, "X25519 key")
            .AddExactly(KeySize, tls, "TLS key")
            .ToArray();

    /// <summary>The bytes that <see cref="Signature"/> must sign.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: a key of a wrong length.</exception>
    public byte[] SignedBytes() => Build(KeyAgreement.Span, Tls.Span);
}
