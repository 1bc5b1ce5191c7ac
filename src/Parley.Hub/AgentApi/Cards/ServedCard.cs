using System.Collections.Concurrent;
using System.Security.Cryptography;
using Parley.Gateway.Cards;
using Parley.Gateway.Wire.V1;
using Parley.Hub.Identity;

namespace Parley.Hub.AgentApi.Cards;

/// <summary>A card as it is served, and each form of it once it was asked for. Good as long as the agent and what it said are the same objects.</summary>
/// <param name="Agent">The agent as it was.</param>
/// <param name="Stored">What it had uploaded.</param>
/// <param name="Capabilities">What its listener could do.</param>
/// <param name="Card">The card, signed if every verifier agrees about it; never changed.</param>
/// <param name="MadeAt">When it was put together: its time of change, since a change makes a new one.</param>
internal sealed record ServedCard(Agent Agent, StoredCard? Stored, IReadOnlySet<string> Capabilities, AgentCard Card, DateTimeOffset MadeAt)
{
    private readonly ConcurrentDictionary<string, CardText> _forms = new(StringComparer.Ordinal);

    /// <summary>Whether it carries the hub's signature.</summary>
    public bool IsSigned => Card.Signatures.Count > 0;

    /// <summary>The form that a caller reads.</summary>
    /// <param name="version">1.0, 0.3 or null, as the header named it.</param>
    /// <exception cref="Protocol.Errors.ParleyException"><see cref="Protocol.Errors.ErrorCode.ProtocolVersion"/>.</exception>
    public CardText Form(string? version)
    {
        // The header's own words are no key: whoever asks could fill the table with them.
        var key = CardForm.NameOf(version);
        return _forms.TryGetValue(key, out var text) ? text : _forms.GetOrAdd(key, CardText.Of(CardForm.Write(Card, version)));
    }

    /// <summary>The form of the seed's dialect.</summary>
    /// <param name="url">Where its <c>message</c> is called.</param>
    /// <param name="tools">Names of the tools that the agent uses.</param>
    public CardText SeedForm(string url, IReadOnlyList<string> tools) =>
        _forms.TryGetValue("seed", out var text) ? text : _forms.GetOrAdd("seed", CardText.Of(SeedCard.Write(Card, url, tools)));
}

/// <summary>Text that is served with a mark of its content.</summary>
/// <param name="Bytes">JSON.</param>
/// <param name="Tag">Quoted entity tag: a hash of the bytes.</param>
internal sealed record CardText(ReadOnlyMemory<byte> Bytes, string Tag)
{
    private const int TagBytes = 12;

    /// <summary>The text with its mark.</summary>
    public static CardText Of(ReadOnlyMemory<byte> bytes) => new(bytes, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes.Span).AsSpan(0, TagBytes))}\"");
}
