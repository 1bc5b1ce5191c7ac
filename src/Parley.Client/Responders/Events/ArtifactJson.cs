using System.Text;
using System.Text.Json;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Messaging;

namespace Parley.Client.Responders.Events;

/// <summary>An artifact in a responder's JSON: one file, or what A2A calls one.</summary>
internal static class ArtifactJson
{
    private const string DefaultName = "artifact";

    /// <summary>Reads a line of type <c>artifact</c>, or an element of <c>artifacts</c>.</summary>
    public static ResponderEvent Read(JsonElement root)
    {
        var name = EventJson.Text(root, "name");
        var append = EventJson.Flag(root, "append") ?? false;
        var isLast = EventJson.Flag(root, "last") ?? true;
        if (!EventJson.TryGet(root, "parts", out _) && !IsDescribed(root))
        {
            return File(root, name ?? DefaultName, append, isLast);
        }

        var artifact = new Artifact
        {
            ArtifactId = EventJson.Text(root, "id") ?? name ?? DefaultName,
            Name = name ?? string.Empty,
            Description = EventJson.Text(root, "description") ?? string.Empty,
            Metadata = EventJson.Metadata(root),
        };
        if (EventJson.TryGet(root, "extensions", out var extensions))
        {
            artifact.Extensions.AddRange(extensions.EnumerateArray().Select(extension => extension.GetString() ?? string.Empty));
        }

        artifact.Parts.AddRange(EventJson.Parts(root));
        if (artifact.Parts.Count == 0 && TrySingle(root, name) is { } part)
        {
            artifact.Parts.Add(part);
        }

        return artifact.Parts.Count > 0 ? new ResponderEvent.ArtifactUpdated(artifact, append, isLast) : throw Empty();
    }

    private static bool IsDescribed(JsonElement root) =>
        EventJson.TryGet(root, "id", out _) || EventJson.TryGet(root, "description", out _) || EventJson.TryGet(root, "metadata", out _) ||
        EventJson.TryGet(root, "extensions", out _) || EventJson.TryGet(root, "data", out _) || EventJson.TryGet(root, "url", out _);

    private static ResponderEvent.ArtifactProduced File(JsonElement root, string name, bool append, bool isLast)
    {
        var text = EventJson.Text(root, "text");
        var content = text is not null ? Encoding.UTF8.GetBytes(text)
            : EventJson.TryGet(root, "base64", out var base64) ? base64.GetBytesFromBase64()
            : throw Empty();
        return new ResponderEvent.ArtifactProduced(name, EventJson.Text(root, "media_type"), new Body(content), append, isLast) { IsText = text is not null };
    }

    // The artifact's own text, base64, url or data is its one part; its name is then the file's too.
    private static Part? TrySingle(JsonElement root, string? name)
    {
        if (EventJson.PartOf(root, mayBeNone: true) is not { } part)
        {
            return null;
        }

        part.Metadata = null;
        part.Filename = part.ContentCase is Part.ContentOneofCase.Raw or Part.ContentOneofCase.Url ? name ?? string.Empty : string.Empty;
        return part;
    }

    private static EventException Empty() => EventJson.Wrong("is an artifact without \"text\", \"base64\", \"url\", \"data\" or \"parts\"");
}
