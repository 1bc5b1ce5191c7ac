using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Parley.Gateway.ProtoJson;
using Parley.Protocol.Errors;

namespace Parley.Gateway.OpenAi;

/// <summary>Reads members of a stranger's request; what has the wrong form is refused by its path. A member that is null counts as missing, as in OpenAI's API.</summary>
internal static class RequestMembers
{
    private const int MaxDepth = 64;

    // What an agent may heed and the hub does not. Values go as they are.
    private static readonly string[] _settings =
    [
        "temperature", "top_p", "max_tokens", "max_completion_tokens", "max_output_tokens", "stop", "seed", "frequency_penalty", "presence_penalty", "reasoning_effort", "reasoning",
        "verbosity", "response_format", "text", "tool_choice", "parallel_tool_calls",
    ];

    /// <summary>Reads a request.</summary>
    /// <param name="body">The body.</param>
    /// <param name="read">Makes the request of the root object.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.JsonInvalid"/>; <see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.OperationNotSupported"/> with the member.</exception>
    public static ModelRequest Read(ReadOnlyMemory<byte> body, Func<JsonElement, ModelRequest> read)
    {
        if (!Utf8.IsValid(body.Span))
        {
            throw new ParleyException(ErrorCode.JsonInvalid, JsonText.NotJson);
        }

        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : throw new ParleyException(ErrorCode.InvalidArgument, "The body must be a JSON object.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is for half of a surrogate pair, which shows only when the text is read.
            throw new ParleyException(ErrorCode.JsonInvalid, JsonText.NotJson, exception);
        }
    }

    /// <summary>A member, or null.</summary>
    public static JsonElement? Find(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A text, or null.</summary>
    public static string? Text(JsonElement parent, string name, string path) => Find(parent, name) is { } value
        ? value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(path, "must be a text")
        : null;

    /// <summary>A text that has to be there.</summary>
    public static string Required(JsonElement parent, string name, string path) =>
        Text(parent, name, path) ?? throw Wrong(path, "is missing");

    /// <summary>True or false, or null.</summary>
    public static bool? Flag(JsonElement parent, string name) => Find(parent, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(name, "must be true or false"),
    };

    /// <summary>The items of an array; none when it is missing.</summary>
    public static IReadOnlyList<JsonElement> Items(JsonElement parent, string name, string path) => Find(parent, name) is { } value ? Items(value, path) : [];

    /// <summary>The items of an array.</summary>
    public static IReadOnlyList<JsonElement> Items(JsonElement array, string path) =>
        array.ValueKind == JsonValueKind.Array ? [.. array.EnumerateArray()] : throw Wrong(path, "must be an array");

    /// <summary>Refuses what is no object.</summary>
    public static JsonElement Object(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Object ? value : throw Wrong(path, "must be an object");

    /// <summary>The caller's metadata.</summary>
    public static Dictionary<string, string> Metadata(JsonElement root)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Find(root, "metadata") is { } members)
        {
            foreach (var member in Object(members, "metadata").EnumerateObject())
            {
                metadata[member.Name] = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : throw Wrong("metadata", "must hold texts");
            }
        }

        return metadata;
    }

    /// <summary>Metadata, then the parameters that an agent may heed.</summary>
    public static Dictionary<string, string> Settings(JsonElement root)
    {
        var settings = Metadata(root);
        foreach (var name in _settings)
        {
            if (Find(root, name) is { } value)
            {
                settings[name] = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
            }
        }

        return settings;
    }

    /// <summary>The model's name.</summary>
    public static string Model(JsonElement root) =>
        Required(root, "model", "model") is { Length: > 0 } model ? model : throw Wrong("model", "is missing");

    /// <summary>Calls of tools that an assistant's message made, as they stand there; those that no agent could read are refused.</summary>
    public static byte[] ToolCalls(JsonElement message, IReadOnlyList<JsonElement> calls, string path)
    {
        for (var index = 0; index < calls.Count; index++)
        {
            var call = Object(calls[index], $"{path}[{index}]");
            Required(call, "id", $"{path}[{index}].id");
            var function = Find(call, "function") ?? throw Wrong($"{path}[{index}].function", "is missing");
            Required(Object(function, $"{path}[{index}].function"), "name", $"{path}[{index}].function.name");
            Required(function, "arguments", $"{path}[{index}].function.arguments");
        }

        return Encoding.UTF8.GetBytes(message.GetProperty("tool_calls").GetRawText());
    }

    /// <summary>Refuses a parameter that changes what the answer is and that no agent can honour.</summary>
    public static void RefuseIf(bool isAsked, string name, string why)
    {
        if (isAsked)
        {
            throw new ParleyException(ErrorCode.OperationNotSupported, $"The parameter {name} is not supported: {why}.") { Field = name };
        }
    }

    /// <summary>The refusal of a member.</summary>
    public static ParleyException Wrong(string path, string what) => new(ErrorCode.InvalidArgument, $"'{path}' {what}.") { Field = path };
}
