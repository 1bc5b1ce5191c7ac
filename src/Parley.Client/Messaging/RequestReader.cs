using System.Collections.ObjectModel;
using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Client.Responders;
using Parley.Gateway.OpenAi;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using A2aMessage = Parley.Gateway.Wire.V1.Message;
using A2aPart = Parley.Gateway.Wire.V1.Part;

namespace Parley.Client.Messaging;

/// <summary>Reads an envelope's body as the responder sees it, and checks the hashes that came with it. Pure.</summary>
internal static class RequestReader
{
    /// <summary>The request.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: not a message. <see cref="ErrorCode.IntegrityFailed"/>: a hash does not fit.</exception>
    public static ResponderRequest Read(Envelope envelope)
    {
        Message message;
        try
        {
            message = Message.Parser.ParseFrom(envelope.Body.Span);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The body is not a message.", exception);
        }

        CheckHash(message.Sha256, message.Content);
        foreach (var file in message.Files)
        {
            CheckHash(file.Sha256, file.Content);
        }

        var a2a = ReadA2a(message.A2A);
        return new ResponderRequest(envelope.Id, envelope.From, envelope.Thread, envelope.Type, new Body(message.Content.Memory))
        {
            FileName = message.Name.Length == 0 ? null : message.Name,
            MediaType = message.MediaType.Length == 0 ? null : message.MediaType,
            Meta = message.Meta.Count == 0 ? ReadOnlyDictionary<string, string>.Empty : new Dictionary<string, string>(message.Meta),
            Files = [.. message.Files.Select(file => FileOf(file.Name, file.Content, file.MediaType)), .. FurtherFiles(message, a2a, envelope.Type)],
            A2a = a2a,
            TaskId = message.Task.Length == 0 ? null : message.Task,
            History = message.HasHistory ? TurnsOf(message) : null,
            News = !message.HasHistory && message.History.Any(turn => RoleOf(turn.Role) == TurnRole.Tool) ? TurnsOf(message) : null,
            Tools = message.Tools.IsEmpty ? null : new Body(message.Tools.Memory),
            AcceptedAt = envelope.AcceptedAtMs > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(envelope.AcceptedAtMs) : null,
            Deadline = message.TimeoutMs == 0 ? null : TimeSpan.FromMilliseconds(Math.Min(message.TimeoutMs, (ulong)TimeSpan.MaxValue.TotalMilliseconds / 2)),
        };
    }

    private static A2aMessage? ReadA2a(ByteString bytes)
    {
        try
        {
            return bytes.IsEmpty ? null : A2aMessage.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The A2A message inside the body cannot be read.", exception);
        }
    }

    // A door may leave the bytes of files in the A2A message alone.
    private static IEnumerable<ResponderFile> FurtherFiles(Message message, A2aMessage? a2a, MessageType type)
    {
        var known = message.Files.Count + (type == MessageType.File ? 1 : 0);
        return (a2a?.Parts ?? []).Where(part => part.ContentCase == A2aPart.ContentOneofCase.Raw).Skip(known).Select(part => FileOf(part.Filename, part.Raw, part.MediaType));
    }

    private static ResponderFile FileOf(string name, ByteString content, string mediaType) =>
        new(name, new Body(content.Memory), mediaType.Length == 0 ? null : mediaType);

    private static List<ResponderTurn> TurnsOf(Message message)
    {
        try
        {
            return [.. message.History.Select(turn => new ResponderTurn(RoleOf(turn.Role), turn.Text) { ToolCalls = ToolCallReader.Read(turn.ToolCalls.Memory), ToolCall = turn.ToolCall })];
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.AgentAnswerInvalid)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The conversation has calls of tools in a form that cannot be read.", exception);
        }
    }

    private static TurnRole RoleOf(string role) => role switch
    {
        "tool" => TurnRole.Tool,
        "agent" or "assistant" => TurnRole.Agent,
        "system" or "developer" => TurnRole.System,
        _ => TurnRole.User,
    };

    private static void CheckHash(ByteString expected, ByteString content)
    {
        if (!expected.IsEmpty && !CryptographicOperations.FixedTimeEquals(expected.Span, SHA256.HashData(content.Span)))
        {
            throw new ParleyException(ErrorCode.IntegrityFailed, "The file does not have the SHA-256 that was sent with it.");
        }
    }
}
