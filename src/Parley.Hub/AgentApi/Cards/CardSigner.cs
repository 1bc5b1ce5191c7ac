using System.Security.Cryptography;
using Parley.Gateway.Cards;
using Parley.Gateway.Wire.V1;

namespace Parley.Hub.AgentApi.Cards;

/// <summary>Signs cards with the hub's key, where every verifier will agree about them.</summary>
internal sealed class CardSigner : IDisposable
{
    /// <summary>Path of the set with the public key.</summary>
    public const string KeySetPath = "/.well-known/jwks.json";

    // The key's object is not made for two threads at a time.
    private readonly Lock _gate = new();
    private readonly ECDsa _key;

    /// <summary>A signer that owns the key.</summary>
    public CardSigner(ECDsa key)
    {
        _key = key;
        KeySet = CardText.Of(System.Text.Encoding.ASCII.GetBytes(Es256.KeySet([key])));
    }

    /// <summary>The set with the public key, for verifiers (RFC 7517).</summary>
    public CardText KeySet { get; }

    /// <summary>Signs a card, unless some verifier would read it differently: one with text beyond ASCII, or with empty members, stays as it is.</summary>
    /// <param name="card">The card.</param>
    /// <param name="baseUrl">The hub's address, under which the key set is fetched.</param>
    public void Sign(AgentCard card, Uri baseUrl)
    {
        if (!CardSignature.IsPortable(card))
        {
            return;
        }

        lock (_gate)
        {
            CardSignature.Add(card, _key, new Uri(baseUrl, KeySetPath));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
