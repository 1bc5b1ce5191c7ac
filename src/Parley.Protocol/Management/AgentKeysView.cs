using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Protocol.Management;

/// <summary>The public keys of an agent, as <c>agents.keys</c> tells them: each in base64.</summary>
/// <param name="Address">Whose.</param>
/// <param name="Identity">The Ed25519 identity key, 32 bytes.</param>
/// <param name="KeyAgreement">The X25519 key, 32 bytes.</param>
/// <param name="Tls">The Ed25519 key of its TLS certificate, 32 bytes.</param>
/// <param name="Signature">The identity key's signature over the other two, 64 bytes.</param>
public sealed record AgentKeysView(string Address, string Identity, string KeyAgreement, string Tls, string Signature)
{
    /// <summary>The binding, not verified yet.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: it is not base64.</exception>
    public KeyBinding ToBinding()
    {
        try
        {
            return new KeyBinding(Convert.FromBase64String(Identity), Convert.FromBase64String(KeyAgreement), Convert.FromBase64String(Tls), Convert.FromBase64String(Signature));
        }
        catch (FormatException exception)
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "The hub told keys that are no base64.", exception);
        }
    }
}
