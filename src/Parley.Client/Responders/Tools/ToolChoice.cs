using System.Buffers;
using System.Text.Json;

namespace Parley.Client.Responders.Tools;

/// <summary>What a caller wants of its own tools, as a model's server takes it: OpenAI's <c>tool_choice</c>. Pure.</summary>
internal static class ToolChoice
{
    /// <summary>Metadata that a caller's wish stands in.</summary>
    public const string Name = "tool_choice";

    /// <summary>No tool may be called.</summary>
    public static readonly JsonElement None = JsonElement.Parse("\"none\"");

    private static readonly JsonElement _required = JsonElement.Parse("\"required\"");

    /// <summary>Whether the caller wants none of its tools called.</summary>
    public static bool IsNone(ResponderRequest request) => request.Meta.GetValueOrDefault(Name) == "none";

    /// <summary>The wish; null for none, and for what is not understood or names a tool that is not the caller's.</summary>
    public static JsonElement? Of(ResponderRequest request, ToolOffer offer) =>
        offer.Theirs.Count == 0 || !request.Meta.TryGetValue(Name, out var wish) ? null
        : wish == "required" ? _required
        : FunctionOf(wish) is { } function && offer.IsTheirs(function) ? Choose(function)
        : null;

    // {"type":"function","function":{"name":...}}, or flat, as responses write it.
    private static string? FunctionOf(string wish)
    {
        if (!wish.StartsWith('{'))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(wish);
            var root = document.RootElement;
            var named = root.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object ? function : root;
            return named.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static JsonElement Choose(string function)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", function);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
