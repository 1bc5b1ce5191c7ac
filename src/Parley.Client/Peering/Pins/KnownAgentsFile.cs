using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Client.Peering.Pins;

/// <summary>Layout of <c>known-agents.json</c>: which identity key each agent had when this home met it.</summary>
/// <param name="Agents">All of them.</param>
internal sealed record KnownAgentsFile([property: JsonRequired] IReadOnlyList<KnownAgentRow> Agents)
{
    /// <summary>The file's name in the home.</summary>
    public const string Name = "known-agents.json";

    /// <summary>Reads the file's bytes.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.IntegrityFailed"/>: it is damaged. It is never replaced by an empty one, since that would trust anybody again.</exception>
    public static List<KnownAgent> Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var file = JsonSerializer.Deserialize(json, KnownAgentsJson.Default.KnownAgentsFile) ?? throw new JsonException();
            return [.. file.Agents.Select(row => row.ToAgent())];
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new ParleyException(ErrorCode.IntegrityFailed, $"The file {Name} is damaged: restore it from a copy, or remove it and verify the agents again.", exception);
        }
    }

    /// <summary>The file's bytes.</summary>
    public static byte[] Write(IEnumerable<KnownAgent> agents) =>
        JsonSerializer.SerializeToUtf8Bytes(new KnownAgentsFile([.. agents.Select(KnownAgentRow.Of)]), KnownAgentsJson.Default.KnownAgentsFile);
}

/// <summary>One agent in <see cref="KnownAgentsFile"/>.</summary>
internal sealed record KnownAgentRow(
    [property: JsonRequired] string Hub, [property: JsonRequired] string Agent, [property: JsonRequired] string Key, [property: JsonRequired] DateTimeOffset FirstMet, DateTimeOffset? VerifiedAt)
{
    /// <summary>The row of an agent.</summary>
    public static KnownAgentRow Of(KnownAgent agent) => new(agent.HubId, agent.Address.ToString(), Convert.ToBase64String(agent.Key.Span), agent.FirstMet, agent.VerifiedAt);

    /// <summary>The agent of the row.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public KnownAgent ToAgent()
    {
        var key = Convert.FromBase64String(Key);
        return AgentAddress.TryParse(Agent, out var address) && key.Length == SessionProof.KeySize ? new KnownAgent(Hub, address, key, FirstMet, VerifiedAt) : throw new FormatException();
    }
}

/// <summary>JSON of <see cref="KnownAgentsFile"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, WriteIndented = true)]
[JsonSerializable(typeof(KnownAgentsFile))]
internal sealed partial class KnownAgentsJson : JsonSerializerContext;
