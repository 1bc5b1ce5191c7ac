using Parley.Protocol.Errors;

namespace Parley.Hub.Identity;

/// <summary>Who may see and manage what. Pure; every door asks here.</summary>
internal static class AccessPolicy
{
    /// <summary>Whether the caller may know of the agent.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="agent">About whom.</param>
    /// <param name="isAccepted">Whether the caller's owner accepted the agent's messages.</param>
    /// <param name="anyOf">Scopes of which the caller's credential needs one, unless the agent is public.</param>
    /// <param name="isHost">Whether the agent is a visitor that the caller invited.</param>
    public static bool MaySee(Principal caller, Agent agent, bool isAccepted, ApiScopes anyOf = ApiScopes.AgentsRead, bool isHost = false)
    {
        if (agent.Visit is not null)
        {
            // Whatever its visibility says.
            return caller.Role == Role.Admin || caller.Agent == agent.Address || isHost;
        }

        if (caller.Role == Role.Admin || caller.Agent == agent.Address || agent.Visibility == AgentVisibility.Public)
        {
            return true;
        }

        return caller.Role != Role.Guest && (caller.Scopes & anyOf) != ApiScopes.None && agent.Visibility switch
        {
            AgentVisibility.Hub => true,
            AgentVisibility.Owner => isAccepted || caller.Owner == agent.Address.Owner,
            _ => false,
        };
    }

    /// <summary>Whether the caller may change an agent of this owner: an admin, or an agent its own labels.</summary>
    public static bool MayLabel(Principal caller, Agent agent) => caller.Role == Role.Admin || caller.Agent == agent.Address;

    /// <summary>Whether the caller acts for the agent: an admin, the agent itself, or a key of its owner unless the agent is private, which only it and admins know.</summary>
    public static bool SpeaksFor(Principal caller, Agent agent) => caller.Role == Role.Admin || caller.Agent == agent.Address ||
        (caller.Agent is null && caller.Owner == agent.Address.Owner && agent.Visibility != AgentVisibility.Private && agent.Visit is null);

    /// <summary>The owner for whom the caller decides about contacts.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="owner">The owner that an admin names; others may name their own only.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PermissionDenied"/>; <see cref="ErrorCode.InvalidArgument"/>: an admin who names nobody.</exception>
    public static string OwnerOf(Principal caller, string? owner)
    {
        if (owner is not null && caller.Role != Role.Admin && owner != caller.Owner)
        {
            throw new ParleyException(ErrorCode.PermissionDenied, "Only an admin acts for another owner.");
        }

        return owner ?? caller.Owner ?? throw new ParleyException(ErrorCode.InvalidArgument, "An admin names the owner.");
    }
}
