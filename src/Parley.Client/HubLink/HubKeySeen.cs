namespace Parley.Client.HubLink;

/// <summary>The hub's key as the newest connection of one handler saw it; the link proof signs it.</summary>
public sealed class HubKeySeen
{
    private volatile byte[] _hash = [];
    private volatile bool _isMismatch;

    /// <summary>SHA-256 of the hub's SubjectPublicKeyInfo, 32 bytes; empty before the first handshake and without TLS.</summary>
    public ReadOnlyMemory<byte> Hash => _hash;

    /// <summary>Whether the newest handshake met another key than the pinned one.</summary>
    public bool IsMismatch => _isMismatch;

    internal void Accept(byte[] hash)
    {
        _hash = hash;
        _isMismatch = false;
    }

    internal void Refuse() => _isMismatch = true;
}
