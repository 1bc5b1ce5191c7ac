using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Gateway.Client.Discovery;
using Parley.Gateway.ProtoJson;
using Parley.Protocol.Management;

namespace Parley.Cli.Cards;

/// <summary>JSON of the card commands; generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CardShowJson))]
internal sealed partial class CardShowJsonContext : JsonSerializerContext
{
    /// <summary>For machines.</summary>
    public static CardShowJsonContext Compact => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>What <c>card show --json</c> prints.</summary>
/// <param name="Source">Where the card was: an address, or the agent whose hub gave it.</param>
/// <param name="Version">In which version it is written.</param>
/// <param name="Signature">What its signature is worth.</param>
/// <param name="Card">The card as 1.0 has it.</param>
internal sealed record CardShowJson(string Source, string Version, CardSignatureJson Signature, JsonElement Card)
{
    /// <summary>A card that the own hub gave over its link: it is as true as the link, and its signature says no more.</summary>
    public static CardShowJson Of(CardView view) => new(
        view.Agent,
        "1.0",
        view.IsSigned
            ? new CardSignatureJson(CardText.Word(CardTrust.Unchecked), "The hub signs it, and gave it over this agent's own link.", null, null)
            : new CardSignatureJson(CardText.Word(CardTrust.NotSigned), "The card bears no signature.", null, null),
        view.Card);

    /// <summary>The JSON form.</summary>
    public static CardShowJson Of(ResolvedCard card, CardVerdict verdict) => new(
        card.Source.ToString(),
        card.Version == Gateway.A2a.A2aVersion.V03 ? "0.3" : "1.0",
        new CardSignatureJson(CardText.Word(verdict.Trust), verdict.Words, verdict.KeyId, verdict.KeySet?.ToString()),
        JsonElement.Parse(JsonDialect.V1.ToBytes(card.Card).Span));
}

/// <summary>What a signature is worth: none, verified, unchecked, wrong.</summary>
internal sealed record CardSignatureJson(string State, string Why, string? KeyId, string? KeySet);
