using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Cli.PeerToPeer.Call;

/// <summary>A line on standard output of <c>p2p call --json</c>; members that say nothing are left out.</summary>
/// <param name="Type">session, state, frames, note, over.</param>
internal sealed record CallJsonLine(string Type)
{
    /// <summary>The other end.</summary>
    public string? Agent { get; init; }

    /// <summary>Unverified, pinned or verified.</summary>
    public string? Trust { get; init; }

    /// <summary>What people compare.</summary>
    public string? Phrase { get; init; }

    /// <summary>Of the connection of the two browsers.</summary>
    public string? State { get; init; }

    /// <summary>How media travels.</summary>
    public string? Path { get; init; }

    /// <summary>Frames of video that left.</summary>
    public long? Sent { get; init; }

    /// <summary>Frames of video that were shown.</summary>
    public long? Received { get; init; }

    /// <summary>A sentence.</summary>
    public string? Text { get; init; }
}

/// <summary>JSON of calls.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CallJsonLine))]
internal sealed partial class CallLineJson : JsonSerializerContext
{
    /// <summary>For machines: one line, text as it is.</summary>
    public static CallLineJson Compact => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
