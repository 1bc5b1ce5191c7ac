using Parley.Crypto;
using Parley.Protocol.Identity;

namespace Parley.Client.Peering.Handshakes;

/// <summary>What one end brings into a handshake.</summary>
/// <param name="HubId">The hub that carries the signals.</param>
/// <param name="Address">This agent's address.</param>
/// <param name="Identity">Its identity key, 32 bytes.</param>
/// <param name="Sign">Signs with the identity key.</param>
/// <param name="Fresh">A key made for this handshake alone.</param>
/// <param name="TlsFingerprint">SHA-256 of the TLS certificate made for the session.</param>
/// <param name="DtlsFingerprint">The same of the DTLS certificate; empty = no path over UDP.</param>
internal sealed record HandshakeSelf(
    string HubId, AgentAddress Address, ReadOnlyMemory<byte> Identity, Func<byte[], byte[]> Sign, X25519Key Fresh, ReadOnlyMemory<byte> TlsFingerprint, ReadOnlyMemory<byte> DtlsFingerprint)
{
    /// <summary>What the other end is told of it.</summary>
    public SessionParty Party { get; } = new(Address, Identity, Fresh.PublicKey.ToArray(), TlsFingerprint, DtlsFingerprint);
}
