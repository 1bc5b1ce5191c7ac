using Parley.Hub.Connections;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.Management;

/// <summary>Who may do what with connections, deliveries and secrets: admins everything; owners with their own, where the hub's operator lets them.</summary>
internal sealed class ConnectionAccess(ConnectionRegistry connections, AgentRegistry agents, ConnectionOptions options)
{
    /// <summary>The refusal for a connection that is not there, or not the caller's.</summary>
    public static ParleyException Unknown() => new(ErrorCode.NotFound, "There is no such connection.");

    /// <summary>Refuses callers who may not connect agents at all.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PermissionDenied"/>.</exception>
    public void Require(Principal caller)
    {
        if (caller.Role != Role.Admin && !options.AreOwnersAllowed)
        {
            throw new ParleyException(ErrorCode.PermissionDenied, "Only an admin connects agents; parley hub --owners-connect opens it to owners.");
        }
    }

    /// <summary>The owner for whom the caller acts; an admin's default is the hub's own owner.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PermissionDenied"/>.</exception>
    public string OwnerOf(Principal caller, string? owner)
    {
        Require(caller);
        return caller.Role == Role.Admin ? owner ?? caller.Owner ?? Owners.Default : AccessPolicy.OwnerOf(caller, owner);
    }

    /// <summary>Whose things the caller sees in a list; null for everybody's.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PermissionDenied"/>.</exception>
    public string? OwnerFilter(Principal caller, string? owner)
    {
        Require(caller);
        return caller.Role == Role.Admin ? owner : AccessPolicy.OwnerOf(caller, owner);
    }

    /// <summary>A connection of the caller's.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PermissionDenied"/>, <see cref="ErrorCode.NotFound"/>.</exception>
    public Connection Find(Principal caller, string id)
    {
        Require(caller);
        return connections.Find(id) is { } found && MaySee(caller, found) ? found : throw Unknown();
    }

    /// <summary>Whether a connection is the caller's: its owner's, unless it brings the events of a private agent, which only that one and admins know.</summary>
    public bool MaySee(Principal caller, Connection connection) => caller.Role == Role.Admin ||
        (caller.Owner == connection.Owner && (connection.SourceName is not { } name || MaySee(caller, new AgentAddress(connection.Owner, name))));

    /// <summary>Whether a caller may know what an agent's events are: a private agent's are its own and the admins'.</summary>
    public bool MaySee(Principal caller, AgentAddress source) => caller.Role == Role.Admin || caller.Agent == source || !agents.IsPrivate(source);

    /// <summary>What of an owner's deliveries a caller may not see; null when there is nothing.</summary>
    public HiddenDeliveries? HiddenFrom(Principal caller)
    {
        if (caller.Role == Role.Admin)
        {
            return null;
        }

        List<string> sources = [.. agents.All.Where(agent => agent.Address.Owner == caller.Owner && !MaySee(caller, agent.Address)).Select(agent => agent.Address.ToString())];
        return sources.Count == 0 ? null : new HiddenDeliveries([.. connections.List(caller.Owner).Where(connection => !MaySee(caller, connection)).Select(connection => connection.Id)], sources);
    }
}
