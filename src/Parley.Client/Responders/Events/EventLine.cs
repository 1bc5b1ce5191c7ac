using System.Text;
using System.Text.Json;
using Parley.Gateway.OpenAi;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Responders.Events;

/// <summary>Reads one line of the events protocol: docs/protocol/responder-events.md.</summary>
internal static class EventLine
{
    private const int MaxErrorCharacters = 1000;
    private const string NoCalls = "has no calls of tools, or in a form that cannot be read";
    private const string NoReason = "The responder reported an error.";

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
            return root.ValueKind == JsonValueKind.Object ? Read(root) : throw EventJson.Wrong("is not a JSON object");
        }
        catch (JsonException)
        {
            throw Garbage(number, "is not JSON");
        }
        catch (EventException exception)
        {
            throw Garbage(number, exception.Message);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            throw Garbage(number, "has a member of the wrong kind");
        }
    }

    /// <summary>The state of this name, for lines and answers that say nothing else with it; one that we do not know counts as working.</summary>
    public static ResponderEvent StateOf(string? state, string? text, StatusDetail? detail, string? code) => state?.Replace('_', '-') switch
    {
        "input-required" => new ResponderEvent.Status(ResponderState.InputRequired, text) { Detail = detail },
        "auth-required" => new ResponderEvent.Status(ResponderState.AuthRequired, text) { Detail = detail },
        "rejected" => new ResponderEvent.Status(ResponderState.Rejected, text) { Detail = detail },
        "completed" => new ResponderEvent.Completed { Metadata = detail?.Metadata },
        "failed" => new ResponderEvent.Failed(ErrorCode.ResponderFailed, Shortened(text) ?? NoReason) { OwnCode = code, Detail = detail },
        "canceled" or "cancelled" => new ResponderEvent.Failed(ErrorCode.Canceled, Shortened(text) ?? "The responder cancelled the work.") { OwnCode = code, Detail = detail },
        _ => new ResponderEvent.Status(ResponderState.Working, text) { Detail = detail },
    };

    private static ResponderEvent? Read(JsonElement root) => EventJson.Text(root, "type") switch
    {
        null => throw EventJson.Wrong("has no \"type\""),
        "status" => Status(root, EventJson.Text(root, "state")),
        "input_required" => Status(root, "input-required"),
        "auth_required" => Status(root, "auth-required"),
        "message" => Message(root),
        "artifact" => ArtifactJson.Read(root),
        "usage" => Usage(root),
        "tool_calls" => EventJson.TryGet(root, "calls", out var calls) ? ToolCalls(calls) : throw EventJson.Wrong(NoCalls),
        "error" => StateOf("failed", EventJson.Text(root, "message"), EventJson.Detail(root, null), EventJson.Text(root, "code")),
        "done" => new ResponderEvent.Completed((int?)EventJson.Number(root, "exit_code")) { Metadata = EventJson.Metadata(root) },
        _ => null,
    };

    /// <summary>What the answer cost, from a line or a member of that shape.</summary>
    public static ResponderEvent.Usage Usage(JsonElement root) => new(
        EventJson.Text(root, "model"), EventJson.Number(root, "tokens"), EventJson.Number(root, "input_tokens"), EventJson.Number(root, "output_tokens"));

    /// <summary>Calls of the sender's tools, a list as OpenAI writes it.</summary>
    public static ResponderEvent.ToolsCalled ToolCalls(JsonElement calls)
    {
        var json = Encoding.UTF8.GetBytes(calls.GetRawText());
        try
        {
            return ToolCallReader.Read(json).Count > 0 ? new ResponderEvent.ToolsCalled(new Body(json)) : throw EventJson.Wrong(NoCalls);
        }
        catch (ParleyException)
        {
            throw EventJson.Wrong(NoCalls);
        }
    }

    private static ResponderEvent Status(JsonElement root, string? state)
    {
        var text = EventJson.Text(root, "text");
        var detail = EventJson.Detail(root, text);
        if (detail is { Parts.Count: > 0 })
        {
            text = EventJson.TextOf(detail.Parts);
        }

        return StateOf(state, text, detail, EventJson.Text(root, "code"));
    }

    private static ResponderEvent Message(JsonElement root)
    {
        if (EventJson.Text(root, "delta") is { } delta)
        {
            return new ResponderEvent.Text(delta, IsDelta: true);
        }

        var text = EventJson.Text(root, "text");
        var detail = EventJson.Detail(root, text);
        return (text, detail) switch
        {
            (null, null or { Parts.Count: 0 }) => throw EventJson.Wrong("is a message without \"text\", \"delta\" or \"parts\""),
            ({ } whole, null) => new ResponderEvent.Text(whole, IsDelta: false),
            ({ } whole, { Parts.Count: 0 }) => new ResponderEvent.PartsSaid([new Gateway.Wire.V1.Part { Text = whole }], detail.Metadata),
            _ => new ResponderEvent.PartsSaid(detail!.Parts, detail.Metadata),
        };
    }

    private static string? Shortened(string? text) => text is { Length: > MaxErrorCharacters } ? text[..MaxErrorCharacters] : text;

    private static ParleyException Garbage(int number, string what) =>
        new(ErrorCode.ResponderFailed, $"Line {number} of the responder's output {what}; see docs/protocol/responder-events.md.");
}
