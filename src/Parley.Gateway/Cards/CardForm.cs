using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;

namespace Parley.Gateway.Cards;

/// <summary>The forms in which a card is served: pure 1.0, pure 0.3, or blended for those who do not say what they read.</summary>
/// <remarks>A blended card has the members of both; where both have an object of the same name, the objects are blended too. A signature covers its 1.0 part.</remarks>
public static class CardForm
{
    /// <summary>The card as the caller reads it.</summary>
    /// <param name="card">The card, signed or not.</param>
    /// <param name="header">What the caller's A2A-Version header says, if anything.</param>
    /// <exception cref="Protocol.Errors.ParleyException"><see cref="Protocol.Errors.ErrorCode.ProtocolVersion"/> for a version that is neither.</exception>
    public static ReadOnlyMemory<byte> Write(AgentCard card, string? header) => A2aNegotiation.OfHeader(header) switch
    {
        A2aVersion.V1 => JsonDialect.V1.ToBytes(card),
        A2aVersion.V03 => Old(card),
        _ => Blended(card),
    };

    /// <summary>The name of the form that <see cref="Write"/> makes for a header: few, whatever headers say.</summary>
    /// <exception cref="Protocol.Errors.ParleyException"><see cref="Protocol.Errors.ErrorCode.ProtocolVersion"/> for a version that is neither.</exception>
    public static string NameOf(string? header) => A2aNegotiation.OfHeader(header) switch
    {
        A2aVersion.V1 => "1.0",
        A2aVersion.V03 => "0.3",
        _ => "blended",
    };

    private static ReadOnlyMemory<byte> Old(AgentCard card) => JsonDialect.Kind.ToBytes(CardTranslation.ToV03(card, new Losses()));

    private static byte[] Blended(AgentCard card)
    {
        var result = JsonNode.Parse(JsonDialect.V1.ToBytes(card).Span)!.AsObject();
        Blend(result, JsonNode.Parse(Old(card).Span)!.AsObject());
        return JsonSerializer.SerializeToUtf8Bytes<JsonNode>(result, CardJson.Wire.JsonNode);
    }

    private static void Blend(JsonObject into, JsonObject other)
    {
        foreach (var (name, value) in other.ToArray())
        {
            switch (into[name], value)
            {
                case (null, not null):
                    into[name] = value.DeepClone();
                    break;
                case (JsonObject inner, JsonObject more):
                    Blend(inner, more);
                    break;
                case (JsonArray items, JsonArray more) when items.Count == more.Count:
                    BlendItems(items, more);
                    break;
            }
        }
    }

    private static void BlendItems(JsonArray items, JsonArray more)
    {
        for (var index = 0; index < items.Count; index++)
        {
            if (items[index] is JsonObject into && more[index] is JsonObject other)
            {
                Blend(into, other);
            }
        }
    }
}
