using System.Buffers;
using System.Text.Json;

namespace Parley.Gateway.OpenAi;

/// <summary>One entry of <c>/v1/models</c>.</summary>
/// <param name="Id">What callers put into <c>model</c>.</param>
/// <param name="Created">Unix seconds.</param>
/// <param name="OwnedBy">Whose it is.</param>
public sealed record ModelEntry(string Id, long Created, string OwnedBy);

/// <summary>Writes models as <c>/v1/models</c> tells them.</summary>
public static class ModelList
{
    /// <summary>All of them.</summary>
    public static void Write(IBufferWriter<byte> output, IEnumerable<ModelEntry> models)
    {
        using var json = new Utf8JsonWriter(output, AnswerMembers.Json);
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var model in models)
        {
            WriteEntry(json, model);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>One of them.</summary>
    public static void Write(IBufferWriter<byte> output, ModelEntry model)
    {
        using var json = new Utf8JsonWriter(output, AnswerMembers.Json);
        WriteEntry(json, model);
    }

    private static void WriteEntry(Utf8JsonWriter json, ModelEntry model)
    {
        json.WriteStartObject();
        json.WriteString("id", model.Id);
        json.WriteString("object", "model");
        json.WriteNumber("created", model.Created);
        json.WriteString("owned_by", model.OwnedBy);
        json.WriteEndObject();
    }
}
