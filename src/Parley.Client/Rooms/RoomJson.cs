using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Client.Rooms;

/// <summary>JSON of the rooms' routes and of saved sessions.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RoomSetupJson))]
[JsonSerializable(typeof(RoomSeatJson))]
[JsonSerializable(typeof(RoomPingJson))]
[JsonSerializable(typeof(RoomRuleJson))]
[JsonSerializable(typeof(RoomErrorJson))]
[JsonSerializable(typeof(SessionFacts))]
internal sealed partial class RoomJson : JsonSerializerContext
{
    private static RoomJson? _indented;

    /// <summary>For files that people look into.</summary>
    public static RoomJson Indented => _indented ??=
        new(new JsonSerializerOptions(Default.Options) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>Body of <c>POST /setup</c>.</summary>
internal sealed record RoomSetupJson(string Type, bool Headless);

/// <summary>Answer of <c>/setup</c> and <c>/register-and-join</c>.</summary>
internal sealed record RoomSeatJson([property: JsonRequired] string Token, string? Code, [property: JsonRequired] string Role, bool Headless);

/// <summary>Answer of <c>/ping</c>.</summary>
internal sealed record RoomPingJson([property: JsonPropertyName("partner_connected")] bool PartnerConnected, [property: JsonPropertyName("partner_last_seen_ms")] long? PartnerLastSeenMs);

/// <summary>Body of <c>/room-rule/headless</c>.</summary>
internal sealed record RoomRuleJson(bool Headless);

/// <summary>A refusal.</summary>
internal sealed record RoomErrorJson(string? Error);
