using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Parley.Gateway.A2a;
using Parley.Gateway.Cards;
using Parley.Gateway.Client.Bindings;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Client.Discovery;

/// <summary>Checks the signatures of a card with keys from the set that they name, where policy lets that set be asked.</summary>
/// <param name="invoker">Fetches key sets; no credentials go there.</param>
/// <param name="options">Limits and clock.</param>
/// <param name="isKeySetAllowed">Whether the set at the second address may speak for a card from the first; null: <see cref="IsSameHost"/>.</param>
public sealed class CardVerifier(HttpMessageInvoker invoker, A2aClientOptions options, Func<Uri, Uri, bool>? isKeySetAllowed = null)
{
    private const int MaxSignatures = 8;
    private const int MaxKeys = 32;

    private static readonly JsonLimits _keySetLimits = new(64 * 1024, 8);

    private readonly Func<Uri, Uri, bool> _isKeySetAllowed = isKeySetAllowed ?? IsSameHost;

    /// <summary>The usual policy: the card's own host, and no less safe a way to it. A key set elsewhere proves only that somebody has a key.</summary>
    public static bool IsSameHost(Uri card, Uri keySet) =>
        string.Equals(card.IdnHost, keySet.IdnHost, StringComparison.OrdinalIgnoreCase) && (keySet.Scheme == Uri.UriSchemeHttps || card.Scheme == keySet.Scheme);

    /// <summary>Looks at the signatures. Never refuses: what cannot be checked is an outcome too.</summary>
    public async Task<CardVerdict> CheckAsync(ResolvedCard card, CancellationToken cancellationToken)
    {
        if (!card.IsSigned)
        {
            return new CardVerdict(CardTrust.NotSigned, "The card bears no signature.");
        }

        var verdict = new CardVerdict(CardTrust.Unchecked, "The signature is over a card of 0.3, which is not checked here.");
        foreach (var signature in card.Card.Signatures.Take(MaxSignatures))
        {
            var one = await CheckAsync(card, signature, cancellationToken);
            if (one.Trust == CardTrust.Verified)
            {
                return one;
            }

            verdict = verdict.Trust == CardTrust.Wrong ? verdict : one;
        }

        return verdict;
    }

    private async Task<CardVerdict> CheckAsync(ResolvedCard card, AgentCardSignature signature, CancellationToken cancellationToken)
    {
        var (algorithm, keyId, place) = ReadHeader(signature.Protected);
        if (algorithm != "ES256")
        {
            return Unchecked("The signature's algorithm is not ES256.");
        }

        if (!Uri.TryCreate(place, UriKind.Absolute, out var keySet) || keySet.Scheme is not ("https" or "http"))
        {
            return Unchecked("The signature does not say where its key is.");
        }

        if (!_isKeySetAllowed(card.Source, keySet))
        {
            return Unchecked("The signature's key is on another host than the card.");
        }

        try
        {
            return Check(card.Card, signature, keyId, keySet, await FetchAsync(keySet, cancellationToken));
        }
        catch (ParleyException exception)
        {
            return Unchecked($"The signature's key cannot be fetched. {exception.Message}");
        }
    }

    private static CardVerdict Check(AgentCard card, AgentCardSignature signature, string? keyId, Uri keySet, ReadOnlyMemory<byte> json)
    {
        using var document = Failures.Document(json, _keySetLimits);
        var only = card.Clone();
        only.Signatures.Clear();
        only.Signatures.Add(signature);
        var isKnown = false;
        foreach (var key in Keys(document.RootElement, keyId))
        {
            using (key)
            {
                isKnown = true;
                if (CardSignature.Verify(only, key))
                {
                    return new CardVerdict(CardTrust.Verified, "The signature is good.", keyId, keySet);
                }
            }
        }

        return isKnown ? new CardVerdict(CardTrust.Wrong, "The signature is not over this card: it was changed after it was signed, or by somebody else.") : Unchecked("The key set does not have the signature's key.");
    }

    private static IEnumerable<ECDsa> Keys(JsonElement root, string? keyId)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        foreach (var key in keys.EnumerateArray().Take(MaxKeys).Where(key => key.ValueKind == JsonValueKind.Object))
        {
            if ((keyId is null || Text(key, "kid") == keyId) && Text(key, "kty") == "EC" && Text(key, "crv") == "P-256" &&
                Text(key, "x") is { } x && Text(key, "y") is { } y && Es256.FromCoordinates(x, y) is { } found)
            {
                yield return found;
            }
        }
    }

    private static (string? Algorithm, string? KeyId, string? KeySet) ReadHeader(string encoded)
    {
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(encoded), new JsonDocumentOptions { MaxDepth = _keySetLimits.MaxDepth });
            var header = document.RootElement;
            return header.ValueKind == JsonValueKind.Object ? (Text(header, "alg"), Text(header, "kid"), Text(header, "jku")) : default;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return default;
        }
    }

    private static string? Text(JsonElement value, string name)
    {
        try
        {
            return value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static CardVerdict Unchecked(string why) => new(CardTrust.Unchecked, why);

    private async Task<ReadOnlyMemory<byte>> FetchAsync(Uri keySet, CancellationToken cancellationToken)
    {
        var http = new A2aHttp(invoker, new A2aEndpoint(keySet, A2aBinding.HttpJson, A2aVersion.V1), options with { Credentials = null, Limits = _keySetLimits });
        var answer = await http.CallAsync(HttpMethod.Get, keySet, null, options.CallTimeout, cancellationToken);
        return answer.IsSuccess ? answer.Body : throw RemoteRefusal.OfRest(answer.Body, answer.Status, A2aOperation.GetExtendedCard);
    }
}
