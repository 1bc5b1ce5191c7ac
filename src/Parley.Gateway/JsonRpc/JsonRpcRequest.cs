using System.Text.Json;
using Parley.Gateway.ProtoJson;
using Parley.Protocol.Errors;

namespace Parley.Gateway.JsonRpc;

/// <summary>One call of JSON-RPC 2.0 as it came, or why it is none.</summary>
/// <param name="Id">Its id as it stood in the text: a string, a number, or null where it was missing or could not be read.</param>
/// <param name="Method">The method; empty when refused.</param>
/// <param name="Params">The text of the params, <c>{}</c> where there were none.</param>
/// <param name="Refusal">Why it cannot be served; the answer still bears the id.</param>
public sealed record JsonRpcRequest(string Id, string Method, ReadOnlyMemory<byte> Params, ParleyException? Refusal)
{
    /// <summary>The id of an answer to who knows what.</summary>
    public const string NoId = "null";

    private const string Version = "2.0";
    private const int MaxIdLength = 1024;

    private static readonly ReadOnlyMemory<byte> _none = "{}"u8.ToArray();

    /// <summary>Reads a call. Batches are refused, as A2A has none.</summary>
    /// <param name="json">The body, UTF-8.</param>
    /// <param name="limits">How large and deep it may be.</param>
    public static JsonRpcRequest Parse(ReadOnlyMemory<byte> json, JsonLimits limits)
    {
        var id = NoId;
        try
        {
            if (json.Length > limits.MaxBytes)
            {
                throw new ParleyException(ErrorCode.MessageTooLarge, "The request is larger than this side reads.");
            }

            CheckSyntax(json.Span, limits);
            return Members(json, limits, ref id);
        }
        catch (JsonException exception)
        {
            return Refused(id, new ParleyException(ErrorCode.JsonInvalid, JsonText.NotJson, exception));
        }
        catch (ParleyException refusal)
        {
            return Refused(id, refusal);
        }
    }

    // The whole text first: a request that ends in garbage is no JSON, whatever its beginning says.
    private static void CheckSyntax(ReadOnlySpan<byte> json, JsonLimits limits)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = limits.MaxDepth });
        while (reader.Read())
        {
        }
    }

    private static JsonRpcRequest Members(ReadOnlyMemory<byte> json, JsonLimits limits, ref string id)
    {
        var (version, method, parameters) = (string.Empty, string.Empty, _none);
        var (hasBadId, hasBadParams) = (false, false);
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = limits.MaxDepth });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "A call is one JSON object.");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = JsonText.Read(ref reader);
            reader.Read();
            switch (name)
            {
                case "jsonrpc":
                    version = Text(ref reader);
                    break;
                case "method":
                    method = Text(ref reader);
                    break;
                case "id":
                    hasBadId = !TryId(ref reader, ref id);
                    break;
                case "params":
                    var start = (int)reader.TokenStartIndex;
                    hasBadParams = reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null);
                    parameters = reader.TokenType == JsonTokenType.Null ? _none : default;
                    reader.Skip();
                    parameters = parameters.IsEmpty ? json[start..(int)reader.BytesConsumed] : parameters;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return version != Version || method.Length == 0 || hasBadId
            ? throw new ParleyException(ErrorCode.ProtocolViolation, "Not a call of JSON-RPC 2.0: jsonrpc must be \"2.0\", method a text, id a text or a whole number.")
            : hasBadParams
            ? throw new ParleyException(ErrorCode.InvalidArgument, "The params must be an object.") { Field = "params" }
            : new JsonRpcRequest(id, method, parameters, null);
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return JsonText.Read(ref reader);
        }

        reader.Skip();
        return string.Empty;
    }

    private static bool TryId(ref Utf8JsonReader reader, ref string id)
    {
        var isGood = reader.TokenType switch
        {
            JsonTokenType.String => reader.ValueSpan.Length <= MaxIdLength,
            JsonTokenType.Number => reader.TryGetInt64(out _),
            JsonTokenType.Null => true,
            _ => false,
        };
        if (isGood)
        {
            var text = System.Text.Encoding.UTF8.GetString(reader.ValueSpan);
            id = reader.TokenType == JsonTokenType.String ? $"\"{text}\"" : text;
            if (reader.TokenType == JsonTokenType.String)
            {
                JsonText.Read(ref reader);
            }
        }

        reader.Skip();
        return isGood;
    }

    private static JsonRpcRequest Refused(string id, ParleyException refusal) => new(id, string.Empty, _none, refusal);
}
