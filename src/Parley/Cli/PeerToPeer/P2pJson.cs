using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Cli.PeerToPeer;

/// <summary>An agent in <c>p2p list --json</c>: online when a listener or a program that accepts something is attached.</summary>
internal sealed record P2pAgentJson(string Agent, bool Online, string Trust, string? Fingerprint, DateTimeOffset? FirstMet, DateTimeOffset? VerifiedAt, string? Problem, IReadOnlyList<string> Accepts);

/// <summary>What <c>p2p doctor --json</c> prints.</summary>
internal sealed record P2pDoctorJson(string Agent, string Trust, string Phrase, IReadOnlyList<P2pWayJson> Ways, P2pUdpJson? Udp);

/// <summary>What <c>p2p doctor --json</c> knows of paths over UDP.</summary>
internal sealed record P2pUdpJson(string Nat, IReadOnlyList<string> Here, IReadOnlyList<string> There, IReadOnlyList<P2pIceServerJson> Servers, IReadOnlyList<P2pPairJson> Pairs);

/// <summary>A STUN server or relay in <see cref="P2pUdpJson"/>.</summary>
internal sealed record P2pIceServerJson(string Server, string From, string? Seen, string? Failure);

/// <summary>A pair of addresses in <see cref="P2pUdpJson"/>.</summary>
internal sealed record P2pPairJson(string Here, string There, bool Selected, string? Failure);

/// <summary>One kind of path in <see cref="P2pDoctorJson"/>.</summary>
internal sealed record P2pWayJson(string Path, bool Works, string Text, string? Mend, double? OpenedMs, double? RoundTripMs);

/// <summary>A path that was opened to <c>p2p doctor</c> without a target.</summary>
internal sealed record P2pProbedJson(string Agent, string Trust, string Phrase, string Path, string Text);

/// <summary>What <c>verify --json</c> prints.</summary>
internal sealed record VerifyJson(string Agent, string Fingerprint, string Phrase, string Trust);

/// <summary>An agent in <c>pins list --json</c>.</summary>
internal sealed record PinJson(string Agent, string Fingerprint, string Trust, DateTimeOffset FirstMet, DateTimeOffset? VerifiedAt);

/// <summary>What <c>p2p invite --json</c> prints.</summary>
internal sealed record P2pInviteJson(string Visitor, string Link, DateTimeOffset ExpiresAt);

/// <summary>How a transfer ended, as <c>p2p send --json</c> and <c>p2p recv --json</c> print it; members that say nothing are left out, but for the hash.</summary>
internal sealed record P2pTransferJson(
    string Transfer, string Path, int Files, long Bytes, double Seconds, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Sha256)
{
    /// <summary>The other end.</summary>
    public string? Agent { get; init; }

    /// <summary>Files that were there already, or not wanted.</summary>
    public int? Unchanged { get; init; }

    /// <summary>Files and folders that were removed at the receiver.</summary>
    public int? Deleted { get; init; }

    /// <summary>Files that did not get there.</summary>
    public int? Failed { get; init; }
}

/// <summary>A target that a transfer did not get to, as <c>p2p send -l --json</c> prints it.</summary>
internal sealed record P2pFailedJson(string Agent, P2pErrorJson Error);

/// <summary>An error by its wire name.</summary>
internal sealed record P2pErrorJson(string Code, string Message);

/// <summary>JSON of the commands from machine to machine.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(P2pAgentJson[]))]
[JsonSerializable(typeof(P2pDoctorJson))]
[JsonSerializable(typeof(P2pProbedJson))]
[JsonSerializable(typeof(VerifyJson))]
[JsonSerializable(typeof(PinJson[]))]
[JsonSerializable(typeof(P2pInviteJson))]
[JsonSerializable(typeof(P2pTransferJson))]
[JsonSerializable(typeof(P2pFailedJson))]
internal sealed partial class P2pJson : JsonSerializerContext
{
    /// <summary>For machines: one line, text as it is.</summary>
    public static P2pJson Compact => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
