using Parley.Crypto;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;

namespace Parley.Testing;

/// <summary>The keys of an agent that wants to join, and what it signs.</summary>
public sealed class TestAgent : IDisposable
{
    private readonly X25519Key _keyAgreement = X25519Key.Generate();
    private readonly Ed25519Key _tls = Ed25519Key.Generate();

    /// <summary>The identity key.</summary>
    public Ed25519Key Identity { get; } = Ed25519Key.Generate();

    /// <summary>A good request to join.</summary>
    /// <param name="hubId">The hub's id.</param>
    /// <param name="token">The join token's secret.</param>
    /// <param name="name">The name asked for.</param>
    /// <param name="now">The agent's clock.</param>
    /// <param name="hubKeyHash">The hub's key as the agent saw it.</param>
    /// <param name="labels">Labels asked for, <c>k=v,...</c>.</param>
    public EnrolRequest Request(string hubId, string token, string name, DateTimeOffset now, byte[]? hubKeyHash = null, string? labels = null)
    {
        var nonce = new byte[EnrolProof.NonceSize];
        var signed = EnrolProof.Build(hubId, hubKeyHash ?? [], EnrolProof.HashToken(token), Identity.PublicKey, name, nonce, now);
        return new EnrolRequest(
            token,
            name,
            Labels.Parse(labels).ToDictionary(),
            Identity.PublicKey.ToArray(),
            _keyAgreement.PublicKey.ToArray(),
            _tls.PublicKey.ToArray(),
            Identity.Sign(KeyBinding.Build(_keyAgreement.PublicKey, _tls.PublicKey)),
            nonce,
            now.ToUnixTimeMilliseconds(),
            Identity.Sign(signed));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Identity.Dispose();
        _keyAgreement.Dispose();
        _tls.Dispose();
    }
}
