using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Cli.Peers;

/// <summary>What <c>peer list --json</c> prints of a peer.</summary>
internal sealed record PeerRow(string Name, string Host, int Port, string Profile, int Trust, string Pin, string? State, double? Milliseconds, DateTimeOffset? LastSeen);

/// <summary>What <c>peer ask --json</c> and <c>peer ping --json</c> print: the answer, or the error and its code.</summary>
internal sealed record PeerAnswerJson(string Peer, string? Text, string? Error, string? Code, string? Task, long? RetryAfterSeconds, double Milliseconds);

/// <summary>JSON of the peer commands.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PeerRow[]))]
[JsonSerializable(typeof(PeerAnswerJson))]
[JsonSerializable(typeof(PeerFinding[]))]
[JsonSerializable(typeof(FoundPeerRow[]))]
internal sealed partial class PeerJson : JsonSerializerContext
{
    /// <summary>For machines: one line, text as it is.</summary>
    public static PeerJson Compact => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
