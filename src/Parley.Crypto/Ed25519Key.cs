using Parley.Crypto.OpenSsl;

namespace Parley.Crypto;

/// <summary>An Ed25519 private key (RFC 8032): signs. Safe to use from many threads; the key bytes live in OpenSSL's memory until disposed.</summary>
public sealed class Ed25519Key : IDisposable
{
    private readonly EvpKeyHandle _key;
    private readonly byte[] _publicKey;

    private Ed25519Key(EvpKeyHandle key)
    {
        _key = key;
        _publicKey = RawKey.PublicOf(key);
    }

    /// <summary>The public key, 32 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>The key for other calls of OpenSSL.</summary>
    internal EvpKeyHandle Handle => _key;

    /// <summary>Makes a key from the operating system's randomness.</summary>
    /// <exception cref="OpenSslMissingException">OpenSSL 3 is not installed.</exception>
    public static Ed25519Key Generate() => new(RawKey.Generate(LibCrypto.Ed25519));

    /// <summary>Makes the key that belongs to a seed.</summary>
    /// <param name="seed">The private key of RFC 8032, section 5.1.5: 32 bytes.</param>
    public static Ed25519Key FromSeed(ReadOnlySpan<byte> seed) => new(RawKey.FromPrivate(LibCrypto.Ed25519, seed));

    /// <summary>Reads a key from PKCS#8 PEM (RFC 8410), as <see cref="ExportPkcs8Pem"/> and <c>openssl genpkey</c> write it.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Not PEM, not PKCS#8, or a key of another kind.</exception>
    public static Ed25519Key ImportPkcs8Pem(string pem) => new(RawKey.ImportPem(LibCrypto.Ed25519, pem));

    /// <summary>The private key as PKCS#8 PEM, not encrypted: for a file of mode 0600 only.</summary>
    public string ExportPkcs8Pem() => RawKey.ExportPem(LibCrypto.Ed25519, _key);

    /// <summary>Signs; the same data gives the same 64 bytes.</summary>
    public unsafe byte[] Sign(ReadOnlySpan<byte> data)
    {
        using var context = LibCrypto.NewDigestContext();
        LibCrypto.Check(!context.IsInvalid && LibCrypto.BeginSign(context, 0, 0, 0, _key) == 1, "starting to sign");
        var signature = new byte[Ed25519.SignatureSize];
        nuint length = Ed25519.SignatureSize;
        fixed (byte* signatureBytes = signature, dataBytes = Ed25519.NonNull(data))
        {
            var isSigned = LibCrypto.Sign(context, signatureBytes, ref length, dataBytes, (nuint)data.Length) == 1;
            LibCrypto.Check(isSigned && length == Ed25519.SignatureSize, "signing");
        }

        return signature;
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
