using System.Text.Encodings.Web;
using System.Text.Json;

namespace Parley.Gateway.OpenAi;

/// <summary>Members that answers of both interfaces share.</summary>
internal static class AnswerMembers
{
    /// <summary>For machines: text goes as it is, only what JSON demands is escaped. What a caller put in was checked when it was read.</summary>
    public static JsonWriterOptions Json { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Files of an answer, in a member of our own; nothing when there are none.</summary>
    public static void WriteFiles(Utf8JsonWriter json, IReadOnlyList<ModelFile> files)
    {
        if (files.Count == 0)
        {
            return;
        }

        json.WriteStartArray("files");
        foreach (var file in files)
        {
            var type = file.MediaType.Length == 0 ? "application/octet-stream" : file.MediaType;
            json.WriteStartObject();
            json.WriteString("filename", file.Name);
            json.WriteString("file_data", $"data:{type};base64,{Convert.ToBase64String(file.Content.Span)}");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The usage, with the numbers that the agent told and no others; null when it told none.</summary>
    public static void WriteUsage(Utf8JsonWriter json, ModelUsage? usage, string input, string output)
    {
        if (usage is null)
        {
            json.WriteNull("usage");
            return;
        }

        json.WriteStartObject("usage");
        WriteNumber(json, input, usage.Input);
        WriteNumber(json, output, usage.Output);
        WriteNumber(json, "total_tokens", usage.Total);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
