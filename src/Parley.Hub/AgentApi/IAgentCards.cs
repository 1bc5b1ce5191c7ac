using Parley.Gateway.Wire.V1;
using Parley.Hub.Identity;
using Parley.Protocol.Identity;

namespace Parley.Hub.AgentApi;

/// <summary>Which agents a caller may call, and what they say of themselves. The card is there while the agent is offline.</summary>
internal interface IAgentCards
{
    /// <summary>The agent that a caller means.</summary>
    /// <param name="caller">Who asks; a guest sees public agents only.</param>
    /// <param name="name"><c>name</c>, <c>owner.name</c>, or empty for the hub's default agent.</param>
    /// <exception cref="Protocol.Errors.ParleyException"><see cref="Protocol.Errors.ErrorCode.AgentUnknown"/>: none, or not for the caller; the answers are alike.</exception>
    AgentAddress Find(Principal caller, string name);

    /// <summary>The agents that a caller may call, by address.</summary>
    IReadOnlyList<AgentAddress> VisibleTo(Principal caller);

    /// <summary>The agent's card with absolute addresses of this hub in it, signed. Shared: callers do not change it.</summary>
    /// <param name="agent">An agent that <see cref="Find"/> gave.</param>
    /// <param name="isExtended">With what only authenticated callers see.</param>
    AgentCard CardOf(AgentAddress agent, bool isExtended);

    /// <summary>The same with the addresses under which the caller reached the hub.</summary>
    /// <param name="agent">An agent that <see cref="Find"/> gave.</param>
    /// <param name="isExtended">With what only authenticated callers see.</param>
    /// <param name="baseUrl">Scheme, host and port.</param>
    AgentCard CardOf(AgentAddress agent, bool isExtended, Uri baseUrl);

    /// <summary>What the agent's listeners said they can take beyond messages: <c>tools</c>, for example. Remembered while it is offline.</summary>
    IReadOnlySet<string> CapabilitiesOf(AgentAddress agent);
}
