using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Testing.Tasks;

/// <summary>Cards of agents that their owner, and admins, may call, and that declare everything unless a test says otherwise.</summary>
internal sealed class OpenCards(AgentRegistry agents) : IAgentCards
{
    /// <summary>What every card says.</summary>
    public AgentCard Card { get; set; } = new() { Capabilities = new AgentCapabilities { Streaming = true, PushNotifications = true, ExtendedAgentCard = true } };

    /// <summary>The agent that an empty name means.</summary>
    public AgentAddress? Default { get; set; }

    /// <inheritdoc/>
    public AgentAddress Find(Principal caller, string name)
    {
        var address = name.Length > 0 ? agents.Resolve(caller, name) : Default;
        return address is { } found && (caller.Owner is null || caller.Owner == found.Owner) ? found : throw new ParleyException(ErrorCode.AgentUnknown, "There is no such agent.");
    }

    /// <inheritdoc/>
    public IReadOnlyList<AgentAddress> VisibleTo(Principal caller) => [.. agents.VisibleTo(caller).Select(agent => agent.Address)];

    /// <inheritdoc/>
    public AgentCard CardOf(AgentAddress agent, bool isExtended) => Card;

    /// <inheritdoc/>
    public AgentCard CardOf(AgentAddress agent, bool isExtended, Uri baseUrl) => Card;

    /// <inheritdoc/>
    public IReadOnlySet<string> CapabilitiesOf(AgentAddress agent) => new HashSet<string>();
}
