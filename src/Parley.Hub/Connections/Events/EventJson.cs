using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Hub.Connections.Events;

/// <summary>JSON of events' data: compact, text as it is.</summary>
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(IReadOnlyCollection<string>))]
internal sealed partial class EventJson : JsonSerializerContext
{
    /// <summary>The context with the encoder for machines.</summary>
    public static EventJson Compact { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>An object made member by member; for events that the hub itself makes.</summary>
    public static JsonElement Object(Action<Utf8JsonWriter> members)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(output.WrittenMemory);
        return document.RootElement.Clone();
    }
}
