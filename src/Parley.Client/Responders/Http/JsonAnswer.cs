using System.Text;
using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Responders.Http;

/// <summary>Reads an HTTP responder's JSON answer: <c>{"text","files":[{"name","media_type","text"|"base64"}],"state","usage":{...},"error"}</c>.</summary>
internal static class JsonAnswer
{
    /// <summary>The answer as events.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ResponderFailed"/> when it is not of that shape.</exception>
    public static List<ResponderEvent> Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, "The responder's server answered with JSON of another shape; see docs/protocol/responder-events.md.");
        }
    }

    private static List<ResponderEvent> Read(JsonElement root)
    {
        var events = new List<ResponderEvent>();
        if (root.TryGetProperty("text", out var text) && text.ValueKind != JsonValueKind.Null)
        {
            events.Add(new ResponderEvent.Text(text.GetString()!, IsDelta: false));
        }

        if (root.TryGetProperty("files", out var files) && files.ValueKind != JsonValueKind.Null)
        {
            events.AddRange(files.EnumerateArray().Select(File));
        }

        if (root.TryGetProperty("usage", out var usage) && usage.ValueKind != JsonValueKind.Null)
        {
            events.Add(new ResponderEvent.Usage(Text(usage, "model"), Number(usage, "tokens"), Number(usage, "input_tokens"), Number(usage, "output_tokens")));
        }

        if (Text(root, "state") is { } state)
        {
            events.Add(new ResponderEvent.Status(Events.EventLine.StateOf(state)));
        }

        if (Text(root, "error") is { } error)
        {
            events.Add(new ResponderEvent.Failed(ErrorCode.ResponderFailed, error.Length > 1000 ? error[..1000] : error));
        }

        return events;
    }

    private static ResponderEvent File(JsonElement file) => new ResponderEvent.ArtifactProduced(
        Text(file, "name") ?? "file",
        Text(file, "media_type"),
        new Body(Text(file, "text") is { } text ? Encoding.UTF8.GetBytes(text) : file.GetProperty("base64").GetBytesFromBase64()));

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    private static long? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetInt64() : null;
}
