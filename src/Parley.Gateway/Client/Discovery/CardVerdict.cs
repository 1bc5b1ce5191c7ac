namespace Parley.Gateway.Client.Discovery;

/// <summary>The outcome of a look at a card's signatures.</summary>
/// <param name="Trust">What they are worth.</param>
/// <param name="Words">Why, in one sentence.</param>
/// <param name="KeyId">The key's name, of a good one.</param>
/// <param name="KeySet">Where the key was found, of a good one.</param>
public sealed record CardVerdict(CardTrust Trust, string Words, string? KeyId = null, Uri? KeySet = null);
