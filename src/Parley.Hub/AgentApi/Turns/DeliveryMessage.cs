using System.Text.Json;
using Google.Protobuf;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Webhooks;
using Parley.Protocol.Wire;
using Delivery = Parley.Hub.Connections.Outbox.Delivery;

namespace Parley.Hub.AgentApi.Turns;

/// <summary>What one delivery says to an agent, as a message. The event's data is read once, since a turn leaves right after the commit and each look at it is time.</summary>
internal sealed class DeliveryMessage(Connection connection, Delivery delivery) : IDisposable
{
    private readonly StoredEvent _event = delivery.Event;
    private readonly JsonDocument _data = JsonDocument.Parse(delivery.Event.Data);

    /// <summary>Whether it is the answer of an earlier turn of the connection, on its way to whom it was asked for.</summary>
    /// <remarks>By the target's word, which may have another name by now; a source that claims an answer does not make one.</remarks>
    public bool IsAnswer =>
        connection.Config.ReplyTo is not null && _event.Type == EventType.DirectAnswered && Member("connection_id") == connection.Id &&
        (_event.Source == connection.Target || !connection.Selection.IsOf(_event.Source));

    /// <summary>A text of the event's data; null when there is none.</summary>
    public string? Member(string name) => _data.RootElement.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    /// <summary>A webhook for an agent without an address: payload and headers, as HTTP would carry them.</summary>
    public Message AsWebhook(DateTimeOffset now)
    {
        var payload = _event.ToPayload();
        var body = new Message { Content = ByteString.CopyFrom(payload), MediaType = "application/json" };
        AddMeta(body);
        foreach (var (name, value) in WebhookRequest.Attributes(delivery).Concat(WebhookRequest.Signed(connection, delivery.Id, now, payload)))
        {
            body.Meta[name] = value;
        }

        return body;
    }

    /// <summary>A turn: a message that is passed on is what it says, and so is that of a schedule; any other event is its payload.</summary>
    public Message AsTurn()
    {
        var told = _event.Type == EventType.MessageReceived || IsAnswer ? "content" : _event.Type == EventType.ScheduleExecuted ? "message" : null;
        var body = new Message { Content = told is not null && Member(told) is { } text ? ByteString.CopyFromUtf8(text) : UnsafeByteOperations.UnsafeWrap(_event.ToPayload()) };
        AddMeta(body);
        return body;
    }

    /// <inheritdoc/>
    public void Dispose() => _data.Dispose();

    private void AddMeta(Message body)
    {
        body.Meta["connection_id"] = connection.Id;
        body.Meta["event_id"] = _event.Id;
        body.Meta["event_type"] = _event.Type.Text;
        body.Meta["event_source"] = _event.Source.ToString();
        body.Meta["traceparent"] = WebhookRequest.TraceOf(delivery);
        if (Member("from") is { } from)
        {
            body.Meta["message_from"] = from;
        }

        foreach (var name in (ReadOnlySpan<string>)["workflow_id", "channel"])
        {
            if (Member(name) is { } value)
            {
                body.Meta[name] = value;
            }
        }
    }
}
