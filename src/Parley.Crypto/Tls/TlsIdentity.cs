using System.Security.Cryptography;

namespace Parley.Crypto.Tls;

/// <summary>What one side shows in a handshake: an Ed25519 certificate, and the key that proves it.</summary>
public sealed class TlsIdentity : IDisposable
{
    private readonly Ed25519Key _key;

    /// <summary>Takes over a key and its certificate.</summary>
    /// <exception cref="TlsException"><see cref="TlsFault.Unreadable"/>: the certificate is of another key.</exception>
    public TlsIdentity(Ed25519Certificate certificate, Ed25519Key key)
    {
        if (!certificate.PublicKey.SequenceEqual(key.PublicKey))
        {
            throw new TlsException(TlsFault.Unreadable, "The certificate is of another key than the one beside it: make both anew, or restore the pair from a copy.");
        }

        (Certificate, _key) = (certificate, key);
    }

    /// <summary>The certificate.</summary>
    public Ed25519Certificate Certificate { get; }

    /// <summary>The key, for OpenSSL.</summary>
    internal Ed25519Key Key => _key;

    /// <summary>Reads the pair that <c>openssl req -x509 -newkey ed25519 -nodes</c> makes, or ours.</summary>
    /// <exception cref="TlsException"><see cref="TlsFault.Unreadable"/>, <see cref="TlsFault.CertificateUnusable"/>: they are not what they should be, or do not belong together.</exception>
    public static TlsIdentity FromPem(string certificatePem, string keyPem)
    {
        var certificate = Ed25519Certificate.FromPem(certificatePem);
        var key = ReadKey(keyPem);
        try
        {
            return new TlsIdentity(certificate, key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Signs with the certificate's key. The data must begin with its purpose and NUL: what TLS signs begins with 64 spaces.</summary>
    /// <returns>The signature, 64 bytes.</returns>
    public byte[] Sign(ReadOnlySpan<byte> data) => _key.Sign(data);

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private static Ed25519Key ReadKey(string pem)
    {
        try
        {
            return Ed25519Key.ImportPkcs8Pem(pem);
        }
        catch (CryptographicException exception)
        {
            throw new TlsException(TlsFault.Unreadable, "The private key is not an Ed25519 key in PEM without a password.", exception);
        }
    }
}
