using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Client.Responders.Events;

/// <summary>Members of a responder's JSON. What is of the wrong kind throws; a null counts as absent.</summary>
internal static class EventJson
{
    /// <summary>Largest part and deepest nesting of free JSON. In protobuf a level is three, and its readers stop at a hundred.</summary>
    private static readonly JsonLimits _limits = new(24 * 1024 * 1024, 24);

    /// <summary>A refusal whose message may be shown.</summary>
    public static EventException Wrong(string message) => new(message);

    /// <summary>A text.</summary>
    public static string? Text(JsonElement root, string name) => TryGet(root, name, out var value) ? value.GetString() : null;

    /// <summary>A whole number.</summary>
    public static long? Number(JsonElement root, string name) => TryGet(root, name, out var value) ? value.GetInt64() : null;

    /// <summary>True or false.</summary>
    public static bool? Flag(JsonElement root, string name) => TryGet(root, name, out var value) ? value.GetBoolean() : null;

    /// <summary>A member that is there and not null.</summary>
    public static bool TryGet(JsonElement root, string name, out JsonElement value) =>
        root.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>The member <c>metadata</c>.</summary>
    public static Struct? Metadata(JsonElement root) => TryGet(root, "metadata", out var value) ? Read<Struct>(value, "has metadata that is not an object, or nested too deeply") : null;

    /// <summary>The members <c>parts</c> and <c>metadata</c>; null without either.</summary>
    /// <param name="root">The object.</param>
    /// <param name="text">A text that stands before the parts.</param>
    public static StatusDetail? Detail(JsonElement root, string? text)
    {
        var metadata = Metadata(root);
        var parts = Parts(root);
        if (parts.Count > 0 && text is not null)
        {
            parts.Insert(0, new Part { Text = text });
        }

        return parts.Count == 0 && metadata is null ? null : new StatusDetail(parts, metadata);
    }

    /// <summary>The member <c>parts</c>: parts as A2A 1.0 writes them, with <c>base64</c> for raw and <c>name</c> for filename.</summary>
    public static List<Part> Parts(JsonElement root)
    {
        if (!TryGet(root, "parts", out var list))
        {
            return [];
        }

        return list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(json => PartOf(json, mayBeNone: false)!)] : throw Wrong("has parts that are not a list");
    }

    /// <summary>The text of several parts.</summary>
    public static string? TextOf(IEnumerable<Part> parts)
    {
        var texts = parts.Where(part => part.ContentCase == Part.ContentOneofCase.Text).Select(part => part.Text).ToList();
        return texts.Count == 0 ? null : string.Join('\n', texts);
    }

    /// <summary>One part.</summary>
    public static Part? PartOf(JsonElement json, bool mayBeNone)
    {
        const string What = "has a part that is none, or nested too deeply";
        var part = json.ValueKind == JsonValueKind.Object ? Read<Part>(json, What) : throw Wrong(What);
        if (TryGet(json, "base64", out var base64))
        {
            part.Raw = ByteString.CopyFrom(base64.GetBytesFromBase64());
        }

        if (part.Filename.Length == 0 && Text(json, "name") is { } name)
        {
            part.Filename = name;
        }

        return part.ContentCase != Part.ContentOneofCase.None ? part
            : mayBeNone ? null
            : throw Wrong("has a part without \"text\", \"base64\", \"url\" or \"data\"");
    }

    private static T Read<T>(JsonElement json, string what)
        where T : class, IMessage<T>, new()
    {
        try
        {
            return JsonDialect.V1.Parse<T>(Encoding.UTF8.GetBytes(json.GetRawText()), _limits);
        }
        catch (ParleyException)
        {
            throw Wrong(what);
        }
    }
}

/// <summary>What is wrong with a responder's JSON, as the end of a sentence.</summary>
internal sealed class EventException(string message) : Exception(message);
