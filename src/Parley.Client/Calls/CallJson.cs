using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Client.Calls;

/// <summary>What a page and the program tell each other, one JSON document a message; docs/protocol/call.md says which members each type has.</summary>
/// <param name="Type">What it is.</param>
internal sealed record PageMessage(string Type)
{
    /// <summary>Of <c>hello</c>: the certificate's SHA-256, as browsers write it.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Of <c>signal</c>: what goes to the other page.</summary>
    public JsonElement? Signal { get; init; }

    /// <summary>Of <c>ring</c>, <c>peer</c>: the other agent.</summary>
    public string? Agent { get; init; }

    /// <summary>Of <c>ring</c>, <c>peer</c>: unverified, pinned or verified.</summary>
    public string? Trust { get; init; }

    /// <summary>Of <c>ring</c>, <c>peer</c>: what people compare.</summary>
    public string? Phrase { get; init; }

    /// <summary>Of <c>peer</c>: whether this page gives way when both describe at once.</summary>
    public bool? Polite { get; init; }

    /// <summary>Of <c>config</c>: what is sent: camera, screen or nothing.</summary>
    public string? Share { get; init; }

    /// <summary>Of <c>config</c>: servers that help browsers to find a way.</summary>
    public IReadOnlyList<PageIceServer>? IceServers { get; init; }

    /// <summary>Of <c>answer</c>: whether the user takes the call.</summary>
    public bool? Take { get; init; }

    /// <summary>Of <c>state</c>: connecting, connected, disconnected, failed.</summary>
    public string? State { get; init; }

    /// <summary>Of <c>state</c>: how media travels: direct or relayed, and between which kinds of addresses.</summary>
    public string? Path { get; init; }

    /// <summary>Of <c>stats</c>: frames of video that left.</summary>
    public long? FramesSent { get; init; }

    /// <summary>Of <c>stats</c>: frames of video that were shown.</summary>
    public long? FramesReceived { get; init; }

    /// <summary>Of <c>note</c>, <c>over</c>: a sentence.</summary>
    public string? Text { get; init; }
}

/// <summary>A STUN or TURN server as browsers take it.</summary>
internal sealed record PageIceServer(string Urls, string? Username, string? Credential);

/// <summary>What two pages tell each other: a description, a candidate, or that the call is over.</summary>
internal sealed record CallSignal
{
    /// <summary>A session description.</summary>
    public CallDescription? Description { get; init; }

    /// <summary>A candidate, as browsers write it; null in it says that there are no more.</summary>
    public JsonElement? Candidate { get; init; }
}

/// <summary>A session description: offer, answer or rollback, and its text.</summary>
internal sealed record CallDescription(string Type, string Sdp);

/// <summary>A note of a call: what is said, and what was heard.</summary>
/// <param name="Number">Of <paramref name="Signal"/>; 0 when there is none.</param>
/// <param name="Heard">Up to which number everything is here.</param>
/// <param name="Signal">A <see cref="CallSignal"/> as JSON.</param>
/// <param name="IsOver">Whether the user hung up.</param>
internal sealed record CallNote(long Number, long Heard, string? Signal, bool IsOver);

/// <summary>JSON of calls.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PageMessage))]
[JsonSerializable(typeof(CallSignal))]
[JsonSerializable(typeof(CallNote))]
internal sealed partial class CallJson : JsonSerializerContext;
