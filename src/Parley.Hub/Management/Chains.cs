using Microsoft.Extensions.Options;
using Parley.Hub.Messaging;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.Management;

/// <summary>How long the chain is that something follows from which a caller does for an agent; too long a one is refused.</summary>
internal sealed class Chains(Router router, IOptions<MessagingOptions> options)
{
    /// <summary>The hops of what an agent does now.</summary>
    /// <param name="agent">Whose doing it is.</param>
    /// <param name="told">What the caller says; it counts when it is more than what the hub knows.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.MessageHops"/>.</exception>
    public int HopsOf(AgentAddress agent, int? told)
    {
        var hops = Math.Max(Math.Max(0, told ?? 0), router.HopsOf(agent.ToString()));
        return hops < options.Value.HopLimit
            ? hops
            : throw new ParleyException(ErrorCode.MessageHops, $"This is the {hops + 1}th in a chain of messages and events that follow from one another; the limit is {options.Value.HopLimit}.");
    }
}
