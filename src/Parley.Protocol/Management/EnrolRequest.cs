namespace Parley.Protocol.Management;

/// <summary>Body of <c>POST /api/enrol</c>: a new agent's keys, the join token and the proof that both belong together. Bytes are base64 in JSON.</summary>
/// <param name="Token">The join token's secret, from the join string.</param>
/// <param name="Name">The name asked for; null or empty lets the hub choose.</param>
/// <param name="Labels">Labels asked for; the token's own are added.</param>
/// <param name="PublicKey">Ed25519 identity key, 32 bytes.</param>
/// <param name="KeyAgreement">X25519 key, 32 bytes.</param>
/// <param name="TlsKey">Ed25519 key of the agent's TLS certificate, 32 bytes.</param>
/// <param name="BindingSignature">The identity key's signature over <c>KeyBinding</c>'s bytes, 64 bytes.</param>
/// <param name="Nonce">32 fresh random bytes.</param>
/// <param name="SignedAt">When the proof was signed, Unix milliseconds.</param>
/// <param name="Signature">The identity key's signature over <c>EnrolProof</c>'s bytes, 64 bytes.</param>
public sealed record EnrolRequest(
    string Token,
    string? Name,
    Dictionary<string, string>? Labels,
    byte[] PublicKey,
    byte[] KeyAgreement,
    byte[] TlsKey,
    byte[] BindingSignature,
    byte[] Nonce,
    long SignedAt,
    byte[] Signature);
