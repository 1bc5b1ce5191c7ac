using System.Collections.ObjectModel;
using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Client.Responders;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

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

        return new ResponderRequest(envelope.Id, envelope.From, envelope.Thread, envelope.Type, new Body(message.Content.Memory))
        {
            FileName = message.Name.Length == 0 ? null : message.Name,
            MediaType = message.MediaType.Length == 0 ? null : message.MediaType,
            Meta = message.Meta.Count == 0 ? ReadOnlyDictionary<string, string>.Empty : new Dictionary<string, string>(message.Meta),
            Files = [.. message.Files.Select(file => new ResponderFile(file.Name, new Body(file.Content.Memory), file.MediaType.Length == 0 ? null : file.MediaType))],
            AcceptedAt = envelope.AcceptedAtMs > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(envelope.AcceptedAtMs) : null,
            Deadline = message.TimeoutMs == 0 ? null : TimeSpan.FromMilliseconds(Math.Min(message.TimeoutMs, (ulong)TimeSpan.MaxValue.TotalMilliseconds / 2)),
        };
    }

    private static void CheckHash(ByteString expected, ByteString content)
    {
        if (!expected.IsEmpty && !CryptographicOperations.FixedTimeEquals(expected.Span, SHA256.HashData(content.Span)))
        {
            throw new ParleyException(ErrorCode.IntegrityFailed, "The file does not have the SHA-256 that was sent with it.");
        }
    }
}
