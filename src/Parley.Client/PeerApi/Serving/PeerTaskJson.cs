using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Parley.Client.PeerApi.Serving;

/// <summary>A task on the wire: <c>{"task_id","status","result"|"error"}</c>.</summary>
internal static class PeerTaskJson
{
    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes it.</summary>
    public static void Write(IBufferWriter<byte> output, PeerTask task)
    {
        using var json = new Utf8JsonWriter(output, _json);
        json.WriteStartObject();
        json.WriteString("task_id", task.Id);
        json.WriteString("status", task.Status);
        if (task is { Status: PeerTask.Completed, Answer: { } answer, Reply: { } reply })
        {
            json.WriteString("result", answer.Text);
            if (reply.Truncated)
            {
                json.WriteBoolean("truncated", true);
            }
        }
        else if (task.Refusal is { } refusal)
        {
            PeerErrors.WriteMember(json, refusal);
        }

        json.WriteEndObject();
    }
}
