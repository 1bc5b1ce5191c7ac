using System.Buffers;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Gateway.OpenAi;

/// <summary>Definitions of functions as OpenAI writes them.</summary>
public static class ChatTools
{
    /// <summary>Most functions that a caller may bring.</summary>
    public const int MaxTools = 128;

    /// <summary>A definition.</summary>
    /// <param name="name">At most 64 of <c>a-z A-Z 0-9 _ -</c>.</param>
    /// <param name="description">For the model.</param>
    /// <param name="schema">JSON Schema of the arguments, an object.</param>
    public static JsonElement Define(string name, string description, JsonElement schema)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", name);
            json.WriteString("description", description);
            json.WritePropertyName("parameters");
            schema.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }

    /// <summary>A caller's own functions by name, in order.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> for anything but a list of functions with names of their own.</exception>
    public static IReadOnlyList<(string Name, JsonElement Definition)> Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var tools = document.RootElement.EnumerateArray().Select(tool => (NameOf(tool), tool.Clone())).ToList();
            return tools.Count <= MaxTools && tools.Select(tool => tool.Item1).Distinct(StringComparer.Ordinal).Count() == tools.Count ? tools : throw Bad(null);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw Bad(exception);
        }
    }

    private static string NameOf(JsonElement tool)
    {
        var isFunction = tool.GetProperty("type").GetString() == "function";
        return isFunction && tool.GetProperty("function").GetProperty("name").GetString() is { Length: > 0 and <= 64 } name ? name : throw Bad(null);
    }

    private static ParleyException Bad(Exception? inner) =>
        new(ErrorCode.InvalidArgument, $"The sender's tools are not a list of at most {MaxTools} functions with names of their own.", inner) { Field = "tools" };
}
