using System.Security.Cryptography;
using System.Text;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Connections.Secrets;

/// <summary>Encrypts what must not stand readable in the database: AES-256-GCM under a key of its own file, <c>secrets.key</c> (mode 0600).</summary>
/// <remarks>Layout: version (1 byte, 1) | nonce (12) | tag (16) | ciphertext. What it is for is authenticated with it, so that no row can take another's place.</remarks>
internal sealed class Vault
{
    /// <summary>The file in the data folder.</summary>
    public const string FileName = "secrets.key";

    private const byte Layout = 1;
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeadBytes = 1 + NonceBytes + TagBytes;

    private readonly byte[] _key;
    private readonly FillRandom _random;

    private Vault(byte[] key, FillRandom random) => (_key, _random) = (key, random);

    /// <summary>Reads the key, and makes it at the first start.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>; <see cref="ErrorCode.IntegrityFailed"/>: the file holds something else.</exception>
    public static Vault Open(string dataFolder, FillRandom random)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (!File.Exists(path))
        {
            var made = new byte[KeyBytes];
            random(made);
            SecretFile.Write(path, Encoding.ASCII.GetBytes(Convert.ToBase64String(made) + "\n"));
        }

        var key = new byte[KeyBytes + 1];
        return Convert.TryFromBase64String(Encoding.ASCII.GetString(SecretFile.Read(path)).Trim(), key, out var length) && length == KeyBytes
            ? new Vault(key[..KeyBytes], random)
            : throw new ParleyException(ErrorCode.IntegrityFailed, $"The file {path} holds no key: restore it from a backup; without it no secret in the database can be read.");
    }

    /// <summary>Encrypts.</summary>
    /// <param name="purpose">What it is and whose; <see cref="Open(string, ReadOnlySpan{byte})"/> must be told the same.</param>
    /// <param name="plain">The secret.</param>
    public byte[] Seal(string purpose, ReadOnlySpan<byte> plain)
    {
        var sealedBytes = new byte[HeadBytes + plain.Length];
        sealedBytes[0] = Layout;
        var nonce = sealedBytes.AsSpan(1, NonceBytes);
        _random(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(nonce, plain, sealedBytes.AsSpan(HeadBytes), sealedBytes.AsSpan(1 + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(purpose));
        return sealedBytes;
    }

    /// <summary>Decrypts.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.IntegrityFailed"/>: it was sealed under another key, for something else, or is damaged.</exception>
    public byte[] Open(string purpose, ReadOnlySpan<byte> sealedBytes)
    {
        try
        {
            if (sealedBytes.Length < HeadBytes || sealedBytes[0] != Layout)
            {
                throw new CryptographicException("Not of this layout.");
            }

            var plain = new byte[sealedBytes.Length - HeadBytes];
            using var aes = new AesGcm(_key, TagBytes);
            aes.Decrypt(sealedBytes.Slice(1, NonceBytes), sealedBytes[HeadBytes..], sealedBytes.Slice(1 + NonceBytes, TagBytes), plain, Encoding.UTF8.GetBytes(purpose));
            return plain;
        }
        catch (CryptographicException exception)
        {
            throw new ParleyException(ErrorCode.IntegrityFailed, $"A secret of the database cannot be read with the key in {FileName}: restore both from one backup.", exception);
        }
    }
}
