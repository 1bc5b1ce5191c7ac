using System.Text;
using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Responders.Events;

/// <summary>Reads one line of the events protocol: docs/protocol/responder-events.md.</summary>
internal static class EventLine
{
    private const int MaxErrorCharacters = 1000;

    /// <summary>Reads one line.</summary>
    /// <param name="line">One JSON object, UTF-8.</param>
    /// <param name="number">Its number, for the message of a refusal.</param>
    /// <returns>The event; null for a type that we do not know, which a newer responder may send.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ResponderFailed"/> for anything that is not an event.</exception>
    public static ResponderEvent? Read(ReadOnlyMemory<byte> line, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw Garbage(number, "is not a JSON object");
            }

            return Read(root, number);
        }
        catch (JsonException)
        {
            throw Garbage(number, "is not JSON");
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            throw Garbage(number, "has a member of the wrong kind");
        }
    }

    private static ResponderEvent? Read(JsonElement root, int number) => Text(root, "type") switch
    {
        null => throw Garbage(number, "has no \"type\""),
        "status" => new ResponderEvent.Status(StateOf(Text(root, "state")), Text(root, "text")),
        "input_required" => new ResponderEvent.Status(ResponderState.InputRequired, Text(root, "text")),
        "message" => Message(root, number),
        "artifact" => Artifact(root, number),
        "usage" => new ResponderEvent.Usage(Text(root, "model"), Number(root, "tokens"), Number(root, "input_tokens"), Number(root, "output_tokens")),
        "error" => new ResponderEvent.Failed(ErrorCode.ResponderFailed, Shortened(Text(root, "message")) ?? "The responder reported an error."),
        "done" => new ResponderEvent.Completed((int?)Number(root, "exit_code")),
        _ => null,
    };

    /// <summary>The state of this name; one that we do not know counts as working.</summary>
    public static ResponderState StateOf(string? state) => state switch
    {
        "input-required" or "input_required" => ResponderState.InputRequired,
        "auth-required" or "auth_required" => ResponderState.AuthRequired,
        "rejected" => ResponderState.Rejected,
        _ => ResponderState.Working,
    };

    private static ResponderEvent.Text Message(JsonElement root, int number) =>
        Text(root, "delta") is { } delta ? new ResponderEvent.Text(delta, IsDelta: true)
        : Text(root, "text") is { } text ? new ResponderEvent.Text(text, IsDelta: false)
        : throw Garbage(number, "is a message without \"text\" or \"delta\"");

    private static ResponderEvent.ArtifactProduced Artifact(JsonElement root, int number)
    {
        var content = Text(root, "text") is { } text ? Encoding.UTF8.GetBytes(text)
            : root.TryGetProperty("base64", out var base64) ? base64.GetBytesFromBase64()
            : throw Garbage(number, "is an artifact without \"text\" or \"base64\"");
        return new ResponderEvent.ArtifactProduced(
            Text(root, "name") ?? "artifact", Text(root, "media_type"), new Body(content), Flag(root, "append") ?? false, Flag(root, "last") ?? true);
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    private static long? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetInt64() : null;

    private static bool? Flag(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetBoolean() : null;

    private static string? Shortened(string? text) => text is { Length: > MaxErrorCharacters } ? text[..MaxErrorCharacters] : text;

    private static ParleyException Garbage(int number, string what) =>
        new(ErrorCode.ResponderFailed, $"Line {number} of the responder's output {what}; see docs/protocol/responder-events.md.");
}
