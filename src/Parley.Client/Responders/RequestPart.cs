using System.Text;
using System.Text.Unicode;
using Google.Protobuf.WellKnownTypes;
using Parley.Protocol.Wire;
using Part = Parley.Gateway.Wire.V1.Part;

namespace Parley.Client.Responders;

/// <summary>One part of a message, in the sender's order.</summary>
/// <param name="Metadata">What the sender says of the part; null for nothing.</param>
internal abstract record RequestPart(Struct? Metadata)
{
    /// <summary>Index of a file that is the message's content and no attachment.</summary>
    public const int Content = -1;

    /// <summary>Text.</summary>
    public sealed record Words(string Text, Struct? Metadata) : RequestPart(Metadata);

    /// <summary>A file that came with the message.</summary>
    /// <param name="File">The file.</param>
    /// <param name="Index">Which attachment, or <see cref="Content"/>.</param>
    /// <param name="Metadata">What the sender says of it.</param>
    public sealed record Attached(ResponderFile File, int Index, Struct? Metadata) : RequestPart(Metadata);

    /// <summary>A file somewhere else. Nobody fetched it.</summary>
    public sealed record Link(string Url, string Name, string MediaType, Struct? Metadata) : RequestPart(Metadata);

    /// <summary>Free JSON.</summary>
    public sealed record Data(Value Json, Struct? Metadata) : RequestPart(Metadata);

    /// <summary>True when the content goes as a file: by its type, or because it is not text.</summary>
    public static bool ContentIsFile(ResponderRequest request) =>
        request.Type == MessageType.File || !Utf8.IsValid(request.Content.Bytes.Span);

    /// <summary>All parts of a message.</summary>
    public static IReadOnlyList<RequestPart> Of(ResponderRequest request)
    {
        var files = new Queue<Attached>();
        if (ContentIsFile(request))
        {
            files.Enqueue(new Attached(new ResponderFile(request.FileName ?? "content", request.Content, request.MediaType), Content, null));
        }

        for (var index = 0; index < request.Files.Count; index++)
        {
            files.Enqueue(new Attached(request.Files[index], index, null));
        }

        var parts = new List<RequestPart>();
        if (request.A2a is { } message)
        {
            parts.AddRange(message.Parts.Select(part => Of(part, files)).OfType<RequestPart>());
        }
        else if (!ContentIsFile(request))
        {
            parts.Add(new Words(Encoding.UTF8.GetString(request.Content.Bytes.Span), null));
        }

        return [.. parts, .. files];
    }

    private static RequestPart? Of(Part part, Queue<Attached> files) => part.ContentCase switch
    {
        Part.ContentOneofCase.Text => new Words(part.Text, part.Metadata),
        Part.ContentOneofCase.Url => new Link(part.Url, part.Filename, part.MediaType, part.Metadata),
        Part.ContentOneofCase.Data => new Data(part.Data, part.Metadata),
        Part.ContentOneofCase.Raw when files.TryDequeue(out var file) => file with { Metadata = part.Metadata },
        _ => null,
    };
}
