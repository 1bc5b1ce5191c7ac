using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.Cards;
using Parley.Gateway.Wire.V1;
using Parley.Hub.Identity;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;

namespace Parley.Hub.AgentApi.Cards;

/// <summary>Puts an agent's card together: what the agent said of itself where it said something, else what the hub knows, and the hub's addresses and security. Pure.</summary>
internal static class CardBuilder
{
    /// <summary>The extension in which an extended card tells what the hub knows of the agent.</summary>
    public const string Extension = "urn:parley:agent:1";

    /// <summary>The one way to prove who calls.</summary>
    public const string SchemeName = "apiKey";

    // What an agent that said nothing calls its own version.
    private const string DefaultVersion = "1.0.0";

    private static readonly string[] _anyModes = ["text/plain", "application/json", "application/octet-stream"];
    private static readonly string[] _textModes = ["text/plain", "application/json"];

    /// <summary>The card, not signed yet.</summary>
    /// <param name="agent">Whose.</param>
    /// <param name="said">What it uploaded, if anything.</param>
    /// <param name="capabilities">What its listener can do.</param>
    /// <param name="url">The address of the agent on this hub.</param>
    /// <param name="grpcUrl">The address of the hub's gRPC door, null where it is not reached.</param>
    /// <param name="isDefault">Whether callers of 0.3's gRPC, who cannot name an agent, reach this one.</param>
    /// <param name="isExtended">With what only authenticated callers see.</param>
    public static AgentCard Build(Agent agent, AgentCard? said, IReadOnlySet<string> capabilities, Uri url, Uri? grpcUrl, bool isDefault, bool isExtended)
    {
        var isModel = capabilities.Contains(ListenerCapabilities.Model);
        var description = said is { Description.Length: > 0 } ? said.Description : DescriptionOf(agent, capabilities);
        var card = new CardParts(agent.Address.Name, description, said is { Version.Length: > 0 } ? said.Version : DefaultVersion)
        {
            Url = url,
            GrpcUrl = grpcUrl,
            IsGrpcOfOldVersion = isDefault,
            Tenant = agent.Address.ToString(),
            Provider = said?.Provider,
            Capabilities = new AgentCapabilities { Streaming = true, PushNotifications = true, ExtendedAgentCard = true, Extensions = { said?.Capabilities?.Extensions ?? [] } },
            Skills = said is { Skills.Count: > 0 } ? said.Skills : [SkillOf(agent, description)],
            InputModes = said is { DefaultInputModes.Count: > 0 } ? said.DefaultInputModes : isModel ? _textModes : _anyModes,
            OutputModes = said is { DefaultOutputModes.Count: > 0 } ? said.DefaultOutputModes : isModel ? _textModes : _anyModes,
            SecuritySchemes = new Dictionary<string, SecurityScheme>
            {
                [SchemeName] = new() { HttpAuthSecurityScheme = new HTTPAuthSecurityScheme { Scheme = "Bearer", BearerFormat = "API key", Description = "An API key of this hub with the scope messages." } },
            },
            SecurityRoles = ["messages"],
        }.Build();
        if (said is { DocumentationUrl.Length: > 0 })
        {
            card.DocumentationUrl = said.DocumentationUrl;
        }

        if (said is { IconUrl.Length: > 0 })
        {
            card.IconUrl = said.IconUrl;
        }

        if (isExtended)
        {
            card.Capabilities.Extensions.Add(new AgentExtension { Uri = Extension, Description = "What the hub knows of the agent.", Params = KnownOf(agent, capabilities) });
        }

        return card;
    }

    private static string DescriptionOf(Agent agent, IReadOnlySet<string> capabilities)
    {
        var how =
            capabilities.Contains(ListenerCapabilities.Model) ? "answered by a language model"
            : capabilities.Contains(ListenerCapabilities.Program) ? "answered by a program"
            : capabilities.Contains(ListenerCapabilities.Service) ? "answered by a web service"
            : "read by whoever runs the agent";
        return $"{agent.Address.Name}, an agent of {agent.Address.Owner}: messages are {how}.";
    }

    private static AgentSkill SkillOf(Agent agent, string description) => new()
    {
        Id = "chat",
        Name = agent.Address.Name,
        Description = description,
        Tags = { agent.Labels.Select(label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal).Prepend("chat") },
    };

    // Nothing empty in it: a card with empty members is not signed.
    private static Struct KnownOf(Agent agent, IReadOnlySet<string> capabilities)
    {
        var known = new Struct { Fields = { ["address"] = Value.ForString(agent.Address.ToString()), ["owner"] = Value.ForString(agent.Address.Owner) } };
        if (!agent.IsKeyReset)
        {
            known.Fields["fingerprint"] = Value.ForString(KeyFingerprint.Of(agent.PublicKey));
        }

        if (agent.Labels.Count > 0)
        {
            known.Fields["labels"] = Value.ForList([.. agent.Labels.Select(label => Value.ForString($"{label.Key}={label.Value}")).OrderBy(label => label.StringValue, StringComparer.Ordinal)]);
        }

        if (capabilities.Count > 0)
        {
            known.Fields["capabilities"] = Value.ForList([.. capabilities.Order(StringComparer.Ordinal).Select(Value.ForString)]);
        }

        return known;
    }
}
