using System.Text.Json;
using Parley.Protocol.Identity;

namespace Parley.Hub.Connections.Events;

/// <summary>An event as the store has it.</summary>
/// <param name="Number">Its place in the order of all events of the hub.</param>
/// <param name="Id">Unique for its source.</param>
/// <param name="Source">Whose doing it was.</param>
/// <param name="Type">What kind.</param>
/// <param name="Subject">What it is about; may be empty.</param>
/// <param name="At">When the hub took it.</param>
/// <param name="Hops">How long the chain is that it follows from.</param>
/// <param name="TraceParent">Its trace; may be empty.</param>
/// <param name="Data">A JSON object, UTF-8.</param>
internal sealed record StoredEvent(long Number, string Id, AgentAddress Source, EventType Type, string Subject, DateTimeOffset At, int Hops, string TraceParent, byte[] Data)
{
    /// <summary>What receivers get, as Standard Webhooks shapes it: type, timestamp and data, and the event's id, source and subject. The same bytes each time.</summary>
    public byte[] ToPayload()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(Data.Length + 256);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("type", Type.Text);
            json.WriteString("timestamp", Time(At));
            json.WriteString("id", Id);
            json.WriteString("source", Source.ToString());
            if (Subject.Length > 0)
            {
                json.WriteString("subject", Subject);
            }

            json.WritePropertyName("data");
            json.WriteRawValue(Data, skipInputValidation: true);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>A time as payloads and headers have it.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
}
