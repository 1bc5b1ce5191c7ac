using System.Text.Json;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Filters;
using Parley.Hub.Identity;
using Parley.Protocol.Identity;

namespace Parley.Hub.Connections;

/// <summary>Whose events go where: one unchangeable state; a change makes a new value.</summary>
internal sealed record Connection
{
    /// <summary>Its id, <c>conn_...</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is: the owner of its source.</summary>
    public required string Owner { get; init; }

    /// <summary>The agent whose events it takes, by name; null for all of the owner's.</summary>
    public string? SourceName { get; init; }

    /// <summary>The agent that gets them; null for an address alone.</summary>
    public AgentAddress? Target { get; init; }

    /// <summary>How.</summary>
    public required ConnectionKind Kind { get; init; }

    /// <summary>Whether events go out.</summary>
    public ConnectionStatus Status { get; init; }

    /// <summary>Why not, in a sentence.</summary>
    public string Reason { get; init; } = string.Empty;

    /// <summary>What may be read in the database.</summary>
    public required ConnectionConfig Config { get; init; }

    /// <summary>What may not.</summary>
    public required EndpointSecrets Secrets { get; init; }

    /// <summary>Since when every attempt failed; null when the last one did not.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>Who made it, as the audit names them.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was changed last.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Which events, compiled.</summary>
    public required EventSelection Selection { get; init; }

    /// <summary>Its source as text: <c>owner.name</c> or <c>owner.*</c>.</summary>
    public string Source => $"{Owner}.{SourceName ?? "*"}";

    /// <summary>Whether it goes to an address, not to an agent.</summary>
    public bool IsToAddress => Kind == ConnectionKind.Webhook && Config.Url is not null;

    /// <summary>Whether events of one subject wait for each other; patches of a state must.</summary>
    public bool IsOrdered => Config.IsOrdered || Config.Fields is not null;

    /// <summary>Whether the agent is left out of <c>owner.*</c>: whoever connects all agents cannot mean the private ones.</summary>
    public bool LeavesOut(AgentAddress agent, AgentRegistry agents) => SourceName is null && agents.IsPrivate(agent);

    /// <summary>Compiles which events a connection wants.</summary>
    /// <exception cref="Protocol.Errors.ParleyException">InvalidArgument, naming the field.</exception>
    public static EventSelection Compile(string owner, string? sourceName, ConnectionConfig config) => new(
        owner,
        sourceName,
        [.. config.Events.Select(EventPattern.Parse)],
        config.Filter is { ValueKind: not JsonValueKind.Null } filter ? FilterCompiler.Compile(filter) : EventFilter.None);
}
