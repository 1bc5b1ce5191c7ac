using System.Globalization;
using Parley.Gateway.Wire.V1;

namespace Parley.Gateway.Cards;

/// <summary>What a card is built from, and the card.</summary>
/// <param name="Name">The agent's name for people.</param>
/// <param name="Description">What it does.</param>
/// <param name="Version">Its own version.</param>
public sealed record CardParts(string Name, string Description, string Version)
{
    private static readonly string[] _text = ["text/plain"];

    /// <summary>Absolute address at which the agent's JSON-RPC and REST are reached.</summary>
    public required Uri Url { get; init; }

    /// <summary>Absolute address of the hub's gRPC door, null where there is none.</summary>
    public Uri? GrpcUrl { get; init; }

    /// <summary>Whether the gRPC door is named for 0.3 too. 0.3 has no tenant, so its callers reach the hub's default agent there and no other.</summary>
    public bool IsGrpcOfOldVersion { get; init; }

    /// <summary>The agent's id, which gRPC callers echo: their address names no agent.</summary>
    public string Tenant { get; init; } = string.Empty;

    /// <summary>What it can do; must be true.</summary>
    public AgentCapabilities Capabilities { get; init; } = new();

    /// <summary>Its skills; none makes one of the name and the description, since readers expect some.</summary>
    public IReadOnlyList<AgentSkill> Skills { get; init; } = [];

    /// <summary>Types that it takes.</summary>
    public IReadOnlyList<string> InputModes { get; init; } = _text;

    /// <summary>Types that it gives.</summary>
    public IReadOnlyList<string> OutputModes { get; init; } = _text;

    /// <summary>Who offers it.</summary>
    public AgentProvider? Provider { get; init; }

    /// <summary>How callers prove who they are, by name; any one of them is enough.</summary>
    public IReadOnlyDictionary<string, SecurityScheme> SecuritySchemes { get; init; } = new Dictionary<string, SecurityScheme>();

    /// <summary>What a caller's credential must be good for, whichever scheme it uses. None makes an empty list, and a card that is not signed.</summary>
    public IReadOnlyList<string> SecurityRoles { get; init; } = [];

    /// <summary>The card: every binding in 1.0, then in 0.3.</summary>
    public AgentCard Build()
    {
        var card = new AgentCard
        {
            Name = Name,
            Description = Description,
            Version = Version,
            Provider = Provider,
            Capabilities = Capabilities,
            DefaultInputModes = { InputModes },
            DefaultOutputModes = { OutputModes },
            SupportedInterfaces = { Interfaces("1.0"), Interfaces("0.3") },
            Skills = { Skills.Count > 0 ? Skills : [new AgentSkill { Id = "chat", Name = Name, Description = Description, Tags = { "chat" } }] },
        };
        foreach (var (name, scheme) in SecuritySchemes.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            card.SecuritySchemes[name] = scheme;
            card.SecurityRequirements.Add(new SecurityRequirement { Schemes = { [name] = new StringList { List = { SecurityRoles } } } });
        }

        return card;
    }

    private IEnumerable<AgentInterface> Interfaces(string version)
    {
        var url = Url.ToString().TrimEnd('/');
        yield return new() { Url = url, ProtocolBinding = "JSONRPC", ProtocolVersion = version };
        yield return new() { Url = url, ProtocolBinding = "HTTP+JSON", ProtocolVersion = version };

        // Host and port without a scheme: what the common gRPC libraries take, to which clients hand it as it is.
        if (GrpcUrl is not null && (version != "0.3" || IsGrpcOfOldVersion))
        {
            yield return new()
            {
                Url = string.Create(CultureInfo.InvariantCulture, $"{GrpcUrl.Host}:{GrpcUrl.Port}"),
                ProtocolBinding = "GRPC",
                ProtocolVersion = version,
                Tenant = version == "0.3" ? string.Empty : Tenant,
            };
        }
    }
}
