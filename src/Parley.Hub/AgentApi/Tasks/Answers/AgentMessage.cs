using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Wire = Parley.Protocol.Wire;

namespace Parley.Hub.AgentApi.Tasks.Answers;

/// <summary>A caller's message as the agent reads it: text in content and files as attachments, so that a responder that knows nothing of A2A can answer. Pure.</summary>
internal static class AgentMessage
{
    /// <summary>Makes the body.</summary>
    /// <param name="request">What was sent.</param>
    /// <param name="taskId">The task that it belongs to.</param>
    /// <param name="context">What the door adds for the responder.</param>
    public static Wire.Message Of(SendMessageRequest request, string taskId, IReadOnlyDictionary<string, string> context)
    {
        var message = request.Message;
        var body = new Wire.Message
        {
            Content = ByteString.CopyFromUtf8(string.Join('\n', message.Parts.Where(part => part.ContentCase == Part.ContentOneofCase.Text).Select(part => part.Text))),
            Task = taskId,
        };
        body.Files.AddRange(message.Parts.Where(part => part.ContentCase == Part.ContentOneofCase.Raw).Select(FileOf));
        AddMeta(body, message.Metadata);
        AddMeta(body, request.Metadata);
        foreach (var (name, value) in context)
        {
            body.Meta[name] = value;
        }

        if (SaysMore(message))
        {
            body.A2A = message.ToByteString();
        }

        return body;
    }

    // One text before any files is what content and files can say.
    private static bool SaysMore(Message message) =>
        message.Metadata is not null || message.Extensions.Count > 0 || message.ReferenceTaskIds.Count > 0 ||
        message.Parts.Select((part, place) => IsBeyond(part, place)).Any(isBeyond => isBeyond);

    private static bool IsBeyond(Part part, int place) => part.Metadata is not null || part.ContentCase switch
    {
        Part.ContentOneofCase.Text => place > 0 || part.Filename.Length > 0 || part.MediaType is not ("" or "text/plain"),
        Part.ContentOneofCase.Raw => false,
        _ => true,
    };

    private static Wire.FilePart FileOf(Part part) => new()
    {
        Name = part.Filename,
        Content = part.Raw,
        MediaType = part.MediaType,
        Sha256 = ByteString.CopyFrom(SHA256.HashData(part.Raw.Span)),
    };

    private static void AddMeta(Wire.Message body, Struct? metadata)
    {
        foreach (var (name, value) in metadata?.Fields ?? [])
        {
            body.Meta[name] = value.KindCase == Value.KindOneofCase.StringValue ? value.StringValue : Encoding.UTF8.GetString(JsonDialect.V1.ToBytes(value).Span);
        }
    }
}
