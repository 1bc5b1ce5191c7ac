using Parley.Crypto.OpenSsl;

namespace Parley.Crypto;

/// <summary>Checks Ed25519 signatures (RFC 8032) by public key alone. Safe to call from many threads.</summary>
public static class Ed25519
{
    /// <summary>Length of a public key in bytes.</summary>
    public const int PublicKeySize = 32;

    /// <summary>Length of a signature in bytes.</summary>
    public const int SignatureSize = 64;

    /// <summary>Whether the signature is one of this key over this data; false, too, for keys and signatures of a wrong length.</summary>
    /// <exception cref="OpenSslMissingException">OpenSSL 3 is not installed.</exception>
    public static unsafe bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PublicKeySize || signature.Length != SignatureSize)
        {
            return false;
        }

        using var key = RawKey.FromPublic(LibCrypto.Ed25519, publicKey);
        using var context = LibCrypto.NewDigestContext();
        LibCrypto.Check(!context.IsInvalid && LibCrypto.BeginVerify(context, 0, 0, 0, key) == 1, "starting to verify");
        fixed (byte* signatureBytes = signature, dataBytes = NonNull(data))
        {
            if (LibCrypto.Verify(context, signatureBytes, SignatureSize, dataBytes, (nuint)data.Length) == 1)
            {
                return true;
            }
        }

        LibCrypto.ClearErrors();
        return false;
    }

    /// <summary>An empty span pins to a null pointer, which OpenSSL reads as a question for the length; any address will do instead.</summary>
    internal static ReadOnlySpan<byte> NonNull(ReadOnlySpan<byte> data) => data.IsEmpty ? [0] : data;
}
