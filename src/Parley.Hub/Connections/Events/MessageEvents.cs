using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Events;

/// <summary>Makes <c>message.received</c> of messages that reached an agent, and the events of a workflow of those that name one and are answered, when somebody wants to know.</summary>
/// <remarks>
/// A message that nobody watches costs one look. What is watched is read: its meta and, when it is text and short enough, what it says. Messages of A2A's tasks bring the events of
/// their task instead; which others are open is known to memory alone, so a hub that stops between question and answer does not tell the end of that one.
/// </remarks>
internal sealed partial class MessageEvents(EventIntake intake, ConnectionOptions options, SqliteStore store, ILogger<MessageEvents> logger)
{
    private const int Overhead = 4096;

    private readonly OpenWorkflows _open = new();

    /// <summary>An envelope reached its receiver.</summary>
    public void Received(Envelope envelope)
    {
        if (envelope.Kind == EnvelopeKind.Request && AgentAddress.TryParse(envelope.To, out var receiver))
        {
            if ((intake.IsWanted(receiver, EventType.WorkflowComplete) || intake.IsWanted(receiver, EventType.WorkflowError)) && Read(envelope) is var message && !IsAnswer(message))
            {
                _open.Asked(envelope, message);
            }

            if (intake.IsWanted(receiver, EventType.MessageReceived))
            {
                _ = WriteAsync(() => EventOf(receiver, envelope));
            }
        }
        else if (envelope.Kind == EnvelopeKind.Reply && _open.Answered(envelope) is { } end && intake.IsWanted(end.Agent, end.Type))
        {
            _ = WriteAsync(() => end.ToEvent(options.MaxEventBytes));
        }
    }

    /// <summary>The event of an envelope.</summary>
    internal NewEvent EventOf(AgentAddress receiver, Envelope envelope)
    {
        var message = Read(envelope);
        var thread = envelope.Thread.Length > 0 ? envelope.Thread : envelope.Id;
        return new NewEvent(receiver, EventType.MessageReceived, EventJson.Object(json => Write(json, envelope, message)))
        {
            // The sender's id is unique for the sender alone.
            Id = "m_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{envelope.From}/{envelope.Id}")).AsSpan(0, 16)),
            Subject = thread.Length <= 256 ? thread : thread[..256],
            Hops = (int)envelope.Hops,
            TraceParent = message?.Meta.GetValueOrDefault("traceparent") ?? string.Empty,
        };
    }

    // The answer of a direct connection that is brought to somebody: what its receiver says to it ends no workflow, else the two would go on for ever.
    private static bool IsAnswer(Message? message) => message?.Meta.GetValueOrDefault("event_type") == EventType.DirectAnswered.Text;

    private void Write(Utf8JsonWriter json, Envelope envelope, Message? message)
    {
        json.WriteString("message_id", envelope.Id);
        json.WriteString("from", envelope.From);
        json.WriteString("to", envelope.To);
        json.WriteString("kind", envelope.Type switch { MessageType.Text => "text", MessageType.Command => "command", MessageType.File => "file", MessageType.Rpc => "rpc", _ => "auto" });
        if (envelope.Thread.Length > 0)
        {
            json.WriteString("thread", envelope.Thread);
        }

        if (message is null)
        {
            return;
        }

        foreach (var name in (ReadOnlySpan<string>)["channel", "workflow_id"])
        {
            if (message.Meta.TryGetValue(name, out var value))
            {
                json.WriteString(name, value);
            }
        }

        WriteContent(json, message);
        if (message.Meta.Count > 0 && message.Meta.Sum(entry => entry.Key.Length + entry.Value.Length) < options.MaxEventBytes / 24)
        {
            json.WriteStartObject("meta");
            foreach (var (name, value) in message.Meta)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }
    }

    private void WriteContent(Utf8JsonWriter json, Message message)
    {
        try
        {
            // In JSON a byte may become six.
            if (message.Content.Length <= Math.Max(0, (options.MaxEventBytes - Overhead) / 6))
            {
                json.WriteString("content", new UTF8Encoding(false, true).GetString(message.Content.Span));
                return;
            }
        }
        catch (DecoderFallbackException)
        {
            // Not text: its size says enough.
        }

        json.WriteNumber("content_bytes", message.Content.Length);
    }

    private static Message? Read(Envelope envelope)
    {
        try
        {
            return Message.Parser.ParseFrom(envelope.Body);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private async Task WriteAsync(Func<NewEvent> make)
    {
        try
        {
            var prepared = intake.Prepare(make());
            await store.WriteAsync(prepared.Insert);
            prepared.Publish();
        }
        catch (StoreUnavailableException exception)
        {
            LogLost(exception);
        }
        catch (ParleyException exception)
        {
            LogLost(exception);
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A message was delivered, and its event could not be stored")]
    private partial void LogLost(Exception exception);

    [LoggerMessage(LogLevel.Error, "A message was delivered, and its event could not be made")]
    private partial void LogFailed(Exception exception);
}
