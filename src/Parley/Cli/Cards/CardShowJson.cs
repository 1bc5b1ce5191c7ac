using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Gateway.Client.Discovery;
using Parley.Gateway.ProtoJson;

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
/// <param name="Source">Where the card was.</param>
/// <param name="Version">In which version it is written.</param>
/// <param name="Signature">What its signature is worth.</param>
/// <param name="Card">The card as 1.0 has it.</param>
internal sealed record CardShowJson(string Source, string Version, CardSignatureJson Signature, JsonElement Card)
{
    /// <summary>The JSON form.</summary>
    public static CardShowJson Of(ResolvedCard card, CardVerdict verdict) => new(
        card.Source.ToString(),
        card.Version == Gateway.A2a.A2aVersion.V03 ? "0.3" : "1.0",
        new CardSignatureJson(CardText.Word(verdict.Trust), verdict.Words, verdict.KeyId, verdict.KeySet?.ToString()),
        JsonElement.Parse(JsonDialect.V1.ToBytes(card.Card).Span));
}

/// <summary>What a signature is worth: none, verified, unchecked, wrong.</summary>
internal sealed record CardSignatureJson(string State, string Why, string? KeyId, string? KeySet);
