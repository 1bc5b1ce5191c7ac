using Parley.Hub.Connections.Events;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.Management;

/// <summary>Who may emit whose events, and who may read them: an owner's agents and keys those of the owner, but for private agents, whose events are their own and the admins'.</summary>
internal sealed class EventAccess(AgentRegistry agents)
{
    /// <summary>The agent for which a caller speaks.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PermissionDenied"/>: another's; <see cref="ErrorCode.AgentUnknown"/>.</exception>
    public AgentAddress SourceOf(Principal caller, string? source)
    {
        if (source is null)
        {
            return caller.Agent ?? new AgentAddress(caller.Owner ?? Owners.Default, caller.Owner is null ? CallerAddresses.Admin : CallerAddresses.Api);
        }

        var address = agents.FindVisible(caller, source, ApiScopes.Events).Address;
        return caller.Role == Role.Admin || caller.Agent == address || (caller.Agent is null && caller.Owner == address.Owner)
            ? address
            : throw new ParleyException(ErrorCode.PermissionDenied, "An agent emits its own events; a key those of its owner's agents.");
    }

    /// <summary>The events that a caller may read.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.AgentUnknown"/>.</exception>
    public EventQuery QueryOf(Principal caller, string? types, string? source) => new(
        caller.Role == Role.Admin ? null : caller.Owner,
        source is null ? null : agents.FindVisible(caller, source, ApiScopes.Events).Address,
        EventPattern.ParseList(types),
        address => caller.Role == Role.Admin || caller.Agent == address || !agents.IsPrivate(address))
    {
        Reader = ReaderOf(caller),
    };

    /// <summary>On whose share of the places a caller waits for events and states; null for admins.</summary>
    public static string? ReaderOf(Principal caller) => caller.Role == Role.Admin ? null : caller.Owner;
}
