namespace Parley.Protocol.Identity;

/// <summary>One of the two agents of a <see cref="SessionProof"/>.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Identity">Its Ed25519 identity key, 32 bytes.</param>
/// <param name="Key">Its fresh X25519 key, 32 bytes.</param>
/// <param name="TlsFingerprint">SHA-256 of the TLS certificate that it made for this session, 32 bytes; empty = no path over TLS.</param>
/// <param name="DtlsFingerprint">The same of its DTLS certificate; empty = it opens no path over UDP.</param>
public sealed record SessionParty(AgentAddress Address, ReadOnlyMemory<byte> Identity, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> TlsFingerprint, ReadOnlyMemory<byte> DtlsFingerprint);
