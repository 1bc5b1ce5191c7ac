using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Protocol.Errors;

namespace Parley.Hub.Connections.State;

/// <summary>States as bytes: compact UTF-8 JSON.</summary>
internal static class StateJson
{
    private static readonly JsonWriterOptions _writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads what we wrote.</summary>
    public static JsonObject Read(ReadOnlySpan<byte> bytes) => JsonNode.Parse(bytes, null, StrictJson.Options)!.AsObject();

    /// <summary>Reads what a caller sent.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: no object, two members of one name, or too deep.</exception>
    public static JsonObject Read(JsonElement? value)
    {
        try
        {
            if (value is { ValueKind: JsonValueKind.Object } given)
            {
                // Written once here, so that text which is no Unicode shows now and not in somebody's commit.
                return Read(Write(Read(Encoding.UTF8.GetBytes(given.GetRawText()))));
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"A state has each member once, text that is Unicode, and at most {StrictJson.MaxDepth} levels.", exception) { Field = "value" };
        }

        throw new ParleyException(ErrorCode.InvalidArgument, "A state, and a change of it, is a JSON object.") { Field = "value" };
    }

    /// <summary>Writes a state.</summary>
    public static byte[] Write(JsonObject value)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, _writing))
        {
            value.WriteTo(json);
        }

        return output.WrittenSpan.ToArray();
    }
}
