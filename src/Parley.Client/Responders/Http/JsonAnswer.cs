using System.Text.Json;
using Parley.Client.Responders.Events;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Client.Responders.Http;

/// <summary>Reads an HTTP responder's JSON answer: the members of the events protocol's lines in one object, docs/protocol/responder-events.md.</summary>
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
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or EventException)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, "The responder's server answered with JSON of another shape; see docs/protocol/responder-events.md.");
        }
    }

    private static List<ResponderEvent> Read(JsonElement root)
    {
        var events = new List<ResponderEvent>();
        var text = EventJson.Text(root, "text");
        var parts = EventJson.Parts(root);
        if (parts.Count > 0)
        {
            events.Add(new ResponderEvent.PartsSaid(text is null ? parts : [new Part { Text = text }, .. parts], Metadata: null));
        }
        else if (text is not null)
        {
            events.Add(new ResponderEvent.Text(text, IsDelta: false));
        }

        AddArtifacts(events, root, "files");
        AddArtifacts(events, root, "artifacts");
        if (EventJson.TryGet(root, "usage", out var usage))
        {
            events.Add(EventLine.Usage(usage));
        }

        if (EventJson.TryGet(root, "tool_calls", out var calls))
        {
            events.Add(EventLine.ToolCalls(calls));
        }

        if (EventJson.Text(root, "state") is { } state && EventLine.StateOf(state, null, null, null) is ResponderEvent.Status status)
        {
            events.Add(status);
        }

        events.Add(End(root));
        return events;
    }

    private static ResponderEvent End(JsonElement root)
    {
        var metadata = EventJson.Metadata(root);
        var error = EventJson.Text(root, "error");
        var isFailed = error is not null || EventJson.Text(root, "state") is "failed" or "canceled";
        return isFailed
            ? EventLine.StateOf(
                EventJson.Text(root, "state") is "canceled" ? "canceled" : "failed", error, metadata is null ? null : new StatusDetail([], metadata), EventJson.Text(root, "code"))
            : new ResponderEvent.Completed { Metadata = metadata };
    }

    private static void AddArtifacts(List<ResponderEvent> events, JsonElement root, string name)
    {
        if (EventJson.TryGet(root, name, out var list))
        {
            events.AddRange(list.EnumerateArray().Select(ArtifactJson.Read));
        }
    }
}
