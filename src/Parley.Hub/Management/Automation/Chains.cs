using Microsoft.Extensions.Options;
using Parley.Hub.Messaging;
using Parley.Hub.Messaging.Budgets;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.Management.Automation;

/// <summary>Whether an agent may do something now that others follow from: its budget, and how long the chain is that it follows from itself.</summary>
internal sealed class Chains(Router router, AgentBudgets budgets, IOptions<MessagingOptions> options)
{
    /// <summary>Counts what an agent does now, and says its hops.</summary>
    /// <param name="agent">Whose doing it is.</param>
    /// <param name="told">What the caller says; it counts when it is more than what the hub knows.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.MessageHops"/>, <see cref="ErrorCode.AgentPaused"/>.</exception>
    public int Admit(AgentAddress agent, int? told)
    {
        budgets.Admit(agent);
        var hops = Math.Max(Math.Max(0, told ?? 0), router.HopsOf(agent.ToString()));
        return hops < options.Value.HopLimit
            ? hops
            : throw new ParleyException(ErrorCode.MessageHops, $"This is the {hops + 1}th in a chain of messages and events that follow from one another; the limit is {options.Value.HopLimit}.");
    }
}
