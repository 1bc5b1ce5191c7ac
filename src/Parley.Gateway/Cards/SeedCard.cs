using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parley.Gateway.Wire.V1;

namespace Parley.Gateway.Cards;

/// <summary>The card of the seed's dialect, at <c>/{agentId}/.well-known/agent.json</c>.</summary>
public static class SeedCard
{
    private static readonly JsonWriterOptions _writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the card.</summary>
    /// <param name="card">What the agent says of itself.</param>
    /// <param name="url">Where its <c>message</c> is called.</param>
    /// <param name="tools">Names of the tools that it uses.</param>
    public static ReadOnlyMemory<byte> Write(AgentCard card, string url, IReadOnlyList<string> tools)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, _writing))
        {
            writer.WriteStartObject();
            writer.WriteString("name", card.Name);
            writer.WriteString("description", card.Description);
            writer.WriteString("url", url);
            writer.WriteStartObject("capabilities");
            writer.WriteBoolean("streaming", card.Capabilities?.Streaming == true);
            writer.WriteStartArray("tools");
            foreach (var tool in tools)
            {
                writer.WriteStringValue(tool);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteStartArray("skills");
            foreach (var skill in card.Skills)
            {
                writer.WriteStartObject();
                writer.WriteString("name", skill.Name);
                writer.WriteString("description", skill.Description);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
