using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Cli.PeerToPeer.Chat;

/// <summary>A line on standard input of <c>p2p chat --json</c>.</summary>
internal sealed record ChatOrderJson(string? Type, string? Text, string? Path, long? File, bool? On);

/// <summary>A line on standard output of <c>p2p chat --json</c>; members that say nothing are left out.</summary>
/// <param name="Type">session, path, lost, message, sent, delivered, typing, offer, answer, file, left.</param>
internal sealed record ChatEventJson(string Type)
{
    /// <summary>The other end; of a message and an offer: who says it.</summary>
    public string? Agent { get; init; }

    /// <summary>Of a session: unverified, pinned or verified.</summary>
    public string? Trust { get; init; }

    /// <summary>Of a session: what people compare.</summary>
    public string? Phrase { get; init; }

    /// <summary>Of a path: direct, webrtc or relay.</summary>
    public string? Path { get; init; }

    /// <summary>The number of a message: what is delivered has all numbers up to it.</summary>
    public long? Id { get; init; }

    /// <summary>The speaker's clock.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Words.</summary>
    public string? Text { get; init; }

    /// <summary>Of typing: whether.</summary>
    public bool? On { get; init; }

    /// <summary>The number of an offer.</summary>
    public long? File { get; init; }

    /// <summary>A file's name.</summary>
    public string? Name { get; init; }

    /// <summary>A file's size.</summary>
    public long? Bytes { get; init; }

    /// <summary>Of an answer: whether the file is wanted.</summary>
    public bool? Taken { get; init; }

    /// <summary>Of a file: in or out.</summary>
    public string? Direction { get; init; }

    /// <summary>Of a file that arrived.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Of a file that did not, or of what was lost: why.</summary>
    public string? Error { get; init; }
}

/// <summary>JSON of chats.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ChatOrderJson))]
[JsonSerializable(typeof(ChatEventJson))]
internal sealed partial class ChatJson : JsonSerializerContext
{
    /// <summary>For machines: one line, text as it is.</summary>
    public static ChatJson Compact => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
