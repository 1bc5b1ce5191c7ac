using System.Collections.Concurrent;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Testing.A2a;

/// <summary>Cards in memory, for tests of doors: agents are seen by callers of their owner and by admins.</summary>
internal sealed class FakeAgentCards : IAgentCards
{
    private readonly ConcurrentDictionary<AgentAddress, AgentCard> _cards = new();

    /// <summary>The hub's default agent.</summary>
    public AgentAddress? Default { get; set; }

    /// <summary>Adds an agent.</summary>
    public void Add(AgentAddress agent, AgentCard? card = null) => _cards[agent] = card ?? new AgentCard { Name = agent.Name, Capabilities = new AgentCapabilities() };

    /// <inheritdoc/>
    public AgentAddress Find(Principal caller, string name)
    {
        var agent = name.Length == 0 ? Default : AgentAddress.TryParse(name, out var whole) ? whole : new AgentAddress(caller.Owner ?? "acme", name);
        return agent is { } found && _cards.ContainsKey(found) && IsVisible(caller, found) ? found : throw new ParleyException(ErrorCode.AgentUnknown, "There is no such agent for you.");
    }

    /// <inheritdoc/>
    public IReadOnlyList<AgentAddress> VisibleTo(Principal caller) => [.. _cards.Keys.Where(agent => IsVisible(caller, agent)).Order()];

    /// <inheritdoc/>
    public AgentCard CardOf(AgentAddress agent, bool isExtended) => _cards[agent];

    /// <inheritdoc/>
    public AgentCard CardOf(AgentAddress agent, bool isExtended, Uri baseUrl) => _cards[agent];

    /// <inheritdoc/>
    public IReadOnlySet<string> CapabilitiesOf(AgentAddress agent) => new HashSet<string>();

    private static bool IsVisible(Principal caller, AgentAddress agent) => caller.Role == Hub.Identity.Role.Admin || caller.Owner == agent.Owner;
}
