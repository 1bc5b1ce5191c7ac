using Parley.Hub.Connections.Events;
using Parley.Protocol.Identity;

namespace Parley.Hub.Connections.Filters;

/// <summary>Whose events of which types are wanted, before their data is looked at.</summary>
/// <param name="Owner">The owner of the agents.</param>
/// <param name="Agent">The one agent; null for all of the owner's.</param>
/// <param name="Types">Types and patterns.</param>
/// <param name="Filter">What their data must be.</param>
internal sealed record EventSelection(string Owner, string? Agent, IReadOnlyList<EventPattern> Types, EventFilter Filter)
{
    /// <summary>Whether events of this agent are meant.</summary>
    public bool IsOf(AgentAddress source) => source.Owner == Owner && (Agent is null || Agent == source.Name);

    /// <summary>Whether an event of this type is meant.</summary>
    public bool HasType(EventType type) => Types.Any(pattern => pattern.Matches(type));
}
