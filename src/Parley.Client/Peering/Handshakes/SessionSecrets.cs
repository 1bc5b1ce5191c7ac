using System.Security.Cryptography;
using System.Text;
using Parley.Protocol.Identity;

namespace Parley.Client.Peering.Handshakes;

/// <summary>The keys of one exchange: everything comes from the shared secret and from all that was said, so nobody who heard something else has the same.</summary>
/// <remarks>PRK = HKDF-Extract(SHA-256, salt = SHA-256 of <see cref="SessionProof.Transcript"/>, the X25519 secret); each key is HKDF-Expand with a name of its own (RFC 5869).</remarks>
internal sealed class SessionSecrets : IDisposable
{
    private readonly byte[] _root;
    private readonly byte[] _mac;

    private SessionSecrets(byte[] root) => (_root, _mac) = (root, Derive(root, "confirm", SHA256.HashSizeInBytes));

    /// <summary>Derives them.</summary>
    /// <param name="shared">The X25519 secret; overwritten.</param>
    /// <param name="proof">All that was said.</param>
    public static SessionSecrets From(byte[] shared, SessionProof proof)
    {
        var root = HKDF.Extract(HashAlgorithmName.SHA256, shared, SHA256.HashData(proof.Transcript()));
        CryptographicOperations.ZeroMemory(shared);
        return new SessionSecrets(root);
    }

    /// <summary>The HMAC by which one end shows that it has these keys, over its identity.</summary>
    public byte[] Confirm(SessionProof proof, bool isOpener) => HMACSHA256.HashData(_mac, proof.ConfirmedBy(isOpener));

    /// <summary>The seal of what one end says.</summary>
    /// <param name="byOpener">Which end.</param>
    /// <param name="session">The session's id.</param>
    public SignalSeal SealOf(bool byOpener, ReadOnlySpan<byte> session)
    {
        var name = byOpener ? "opener" : "acceptor";
        return new SignalSeal(Derive(_root, name + " key", SignalSeal.KeySize), Derive(_root, name + " nonce", SignalSeal.NonceSize), session);
    }

    /// <summary>Bytes that both ends have and nobody else, for one use.</summary>
    public byte[] Export(string use, ReadOnlySpan<byte> context) => HMACSHA256.HashData(Derive(_root, "export " + use, SHA256.HashSizeInBytes), context);

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_root);
        CryptographicOperations.ZeroMemory(_mac);
    }

    private static byte[] Derive(byte[] root, string name, int length) => HKDF.Expand(HashAlgorithmName.SHA256, root, length, Encoding.ASCII.GetBytes($"{SessionProof.Purpose} {name}"));
}
