using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Parley.Gateway.Cards;

/// <summary>JSON of cards that are put together member by member.</summary>
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class CardJson : JsonSerializerContext
{
    /// <summary>For machines: only what JSON demands is escaped.</summary>
    public static CardJson Wire => field ??= new CardJson(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
