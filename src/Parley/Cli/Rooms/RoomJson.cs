using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Client.Rooms;

namespace Parley.Cli.Rooms;

/// <summary>What the commands of rooms print with <c>--json</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SeatedJson))]
[JsonSerializable(typeof(ItemJson))]
[JsonSerializable(typeof(PingJson))]
[JsonSerializable(typeof(DoneJson))]
[JsonSerializable(typeof(SupervisedJson[]))]
internal sealed partial class RoomJson : JsonSerializerContext
{
    private static RoomJson? _compact;

    /// <summary>One line, text as it is.</summary>
    public static RoomJson Compact => _compact ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>A seat that was taken.</summary>
internal sealed record SeatedJson(string Session, string Role, string? Code, string Hub, string? Pin, bool Headless, string? Paste);

/// <summary>Something that a wait gave.</summary>
internal sealed record ItemJson(string Kind, string? From, bool? Human, string? Turn, string? Notice, bool Closed, string Text)
{
    /// <summary>How an item is told.</summary>
    public static ItemJson Of(RoomItem item) => item.IsMessage
        ? new ItemJson("message", item.From, item.IsHuman, item.Turn.ToString().ToLowerInvariant(), null, false, item.Text)
        : new ItemJson("notice", null, null, null, JsonNamingPolicy.SnakeCaseLower.ConvertName(item.Notice.ToString()), item.EndsRoom, item.Text);
}

/// <summary>What a ping tells.</summary>
internal sealed record PingJson(bool RoomAlive, bool PartnerConnected, long? PartnerLastSeenMs);

/// <summary>Something was done.</summary>
internal sealed record DoneJson(string Session, string Status, bool? Headless = null);

/// <summary>A supervised session.</summary>
internal sealed record SupervisedJson(
    string Dir, string Mode, string Status, string? Label, string Role, string Hub, bool Headless, int? Pid, int Received, int Sent, string? LastEvent, string? Error,
    DateTimeOffset StartedAt, DateTimeOffset UpdatedAt);
