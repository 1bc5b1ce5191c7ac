using System.Security.Cryptography;
using Parley.Crypto.OpenSsl;

namespace Parley.Crypto;

/// <summary>An X25519 private key (RFC 7748): agrees on a shared secret. Safe to use from many threads.</summary>
public sealed class X25519Key : IDisposable
{
    /// <summary>Length of a public key and of a shared secret in bytes.</summary>
    public const int Size = RawKey.Size;

    private readonly EvpKeyHandle _key;
    private readonly byte[] _publicKey;

    private X25519Key(EvpKeyHandle key)
    {
        _key = key;
        _publicKey = RawKey.PublicOf(key);
    }

    /// <summary>The public key, 32 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>Makes a key from the operating system's randomness.</summary>
    /// <exception cref="OpenSslMissingException">OpenSSL 3 is not installed.</exception>
    public static X25519Key Generate() => new(RawKey.Generate(LibCrypto.X25519));

    /// <summary>Makes the key that belongs to 32 private bytes; they are clamped where RFC 7748, section 5, says so.</summary>
    public static X25519Key FromPrivateKey(ReadOnlySpan<byte> privateKey) => new(RawKey.FromPrivate(LibCrypto.X25519, privateKey));

    /// <summary>Reads a key from PKCS#8 PEM (RFC 8410).</summary>
    /// <exception cref="CryptographicException">Not PEM, not PKCS#8, or a key of another kind.</exception>
    public static X25519Key ImportPkcs8Pem(string pem) => new(RawKey.ImportPem(LibCrypto.X25519, pem));

    /// <summary>The private key as PKCS#8 PEM, not encrypted: for a file of mode 0600 only.</summary>
    public string ExportPkcs8Pem() => RawKey.ExportPem(LibCrypto.X25519, _key);

    /// <summary>The secret shared with a peer, 32 bytes; feed it to a key derivation with the transcript, never use it as a key itself.</summary>
    /// <param name="peerPublicKey">The peer's public key, 32 bytes.</param>
    /// <exception cref="CryptographicException">
    /// The peer's key has a wrong length or a small order, so that the secret would be all zero and no secret (RFC 7748, section 6.1).
    /// </exception>
    public unsafe byte[] Derive(ReadOnlySpan<byte> peerPublicKey)
    {
        if (peerPublicKey.Length != Size)
        {
            throw new CryptographicException($"An X25519 public key is {Size} bytes.");
        }

        using var peer = RawKey.FromPublic(LibCrypto.X25519, peerPublicKey);
        using var context = LibCrypto.NewKeyContext(_key, 0);
        var isReady = !context.IsInvalid && LibCrypto.BeginDerive(context) == 1 && LibCrypto.SetPeer(context, peer) == 1;
        LibCrypto.Check(isReady, "starting a key agreement");
        var secret = new byte[Size];
        nuint length = Size;
        fixed (byte* bytes = secret)
        {
            LibCrypto.Check(LibCrypto.Derive(context, bytes, ref length) == 1 && length == Size, "the peer's public key");
        }

        // OpenSSL refuses this case itself; the rule is ours all the same, whatever library answers to the name.
        LibCrypto.Check(!CryptographicOperations.FixedTimeEquals(secret, stackalloc byte[Size]), "the peer's public key");
        return secret;
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
