namespace Parley.Protocol.Management;

/// <summary>The public keys of an agent, as <c>agents.keys</c> tells them, each in base64: a binding that its reader verifies.</summary>
/// <param name="Address">Whose.</param>
/// <param name="Identity">The Ed25519 identity key, 32 bytes.</param>
/// <param name="KeyAgreement">The X25519 key, 32 bytes.</param>
/// <param name="Tls">The Ed25519 key of its TLS certificate, 32 bytes.</param>
/// <param name="Signature">The identity key's signature over the other two, 64 bytes.</param>
public sealed record AgentKeysView(string Address, string Identity, string KeyAgreement, string Tls, string Signature);
