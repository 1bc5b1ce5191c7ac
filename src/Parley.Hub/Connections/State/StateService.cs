using System.Text.Json.Nodes;
using Parley.Hub.Connections.Events;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Sqlite;

namespace Parley.Hub.Connections.State;

/// <summary>The states that agents share: one writer each, a version that grows, and an event in the commit of each change.</summary>
internal sealed class StateService(StateStore states, ReplicaStore replicas, EventIntake intake, EventAudience audience, AgentRegistry agents, SqliteStore store, ConnectionOptions options, TimeProvider time)
{
    private const int MaxTries = 32;

    /// <summary>An agent's state; version 0 while it wrote none.</summary>
    public Task<AgentState> ReadAsync(Agent agent, CancellationToken cancellationToken) => states.ReadAsync(agent.Id, cancellationToken);

    /// <summary>The states of these agents, without their data.</summary>
    public Task<Dictionary<long, AgentState>> ListAsync(IReadOnlyCollection<Agent> of, CancellationToken cancellationToken) =>
        states.ListAsync([.. of.Select(agent => agent.Id)], cancellationToken);

    /// <summary>What a connection lets its target read: the fields as they are; of one that is not active, what the target took last.</summary>
    /// <returns>Null when there is nothing yet.</returns>
    public async Task<AgentState?> ReadReplicaAsync(Connection connection, Agent agent, CancellationToken cancellationToken)
    {
        if (connection.Status != ConnectionStatus.Active)
        {
            return await replicas.FindAsync(connection.Id, agent.Id, cancellationToken);
        }

        var state = await states.ReadAsync(agent.Id, cancellationToken);
        return state.Version == 0 ? null : state with { Data = StateJson.Write(SharedFields.Of(StateJson.Read(state.Data), connection.Config.Fields!)) };
    }

    /// <summary>Changes an agent's state. What changes nothing is no new version, and no event.</summary>
    /// <param name="agent">Whose.</param>
    /// <param name="change">Makes the new state of the old one, in place or as another object.</param>
    /// <param name="ifVersion">Only if this is the version; null: whatever it is.</param>
    /// <param name="cause">Who did it, and the chain that it follows from: source, hops and trace of the event.</param>
    /// <param name="cancellationToken">Heeded until it is written.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.StateChanged"/>, <see cref="ErrorCode.MessageTooLarge"/>, <see cref="ErrorCode.RateLimited"/>.</exception>
    public async Task<AgentState> WriteAsync(Agent agent, Func<JsonObject, JsonObject> change, long? ifVersion, StateCause cause, CancellationToken cancellationToken)
    {
        intake.Admit(agent.Address.Owner);
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var old = await states.ReadAsync(agent.Id, cancellationToken);
            if (ifVersion is { } wanted && wanted != old.Version)
            {
                throw new ParleyException(ErrorCode.StateChanged, $"The state has version {old.Version} by now.");
            }

            var before = StateJson.Read(old.Data);
            var after = change((JsonObject)before.DeepClone());
            if (JsonNode.DeepEquals(before, after))
            {
                return old;
            }

            var next = new AgentState(old.Version + 1, StateJson.Write(after), Now());
            if (next.Data.Length > options.MaxStateBytes)
            {
                throw new ParleyException(ErrorCode.MessageTooLarge, $"A state has at most {options.MaxStateBytes} bytes (the limit state-bytes).");
            }

            var told = intake.IsWanted(agent.Address, EventType.StateUpdate) ? intake.Prepare(EventOf(agent.Address, next.Version, Changed(before, after), cause)) : null;
            if (await store.WriteAsync(connection => TryWrite(connection, agent.Id, next, told), cancellationToken))
            {
                told?.Publish();
                audience.Tell(agent.Address, EventType.StateUpdate);
                return next;
            }

            if (agents.Find(agent.Address)?.Id != agent.Id)
            {
                throw new ParleyException(ErrorCode.AgentUnknown, "There is no such agent for you.");
            }
        }

        throw new ParleyException(ErrorCode.StateChanged, "Others write this state all the time: try again.");
    }

    /// <summary>A connection was made, changed or resumed: its target gets a snapshot of each source.</summary>
    /// <param name="connection">Which; one that names no fields is left alone.</param>
    /// <param name="cancellationToken">Heeded between sources.</param>
    public async Task ShareAsync(Connection connection, CancellationToken cancellationToken)
    {
        if (connection.Config.Fields is null)
        {
            return;
        }

        await replicas.ResetAsync(connection.Id, cancellationToken);
        foreach (var (agent, state) in await SourcesAsync(connection, cancellationToken))
        {
            var prepared = intake.Prepare(EventOf(agent.Address, state.Version, [.. connection.Config.Fields.Select(field => field.Split('.')[0]).Distinct()], StateCause.None) with { OnlyFor = connection.Id });
            await store.WriteAsync(prepared.Insert, cancellationToken);
            prepared.Publish();
        }
    }

    /// <summary>The agents whose states a connection brings, with the states, without their data.</summary>
    public async Task<IReadOnlyList<(Agent Agent, AgentState State)>> SourcesAsync(Connection connection, CancellationToken cancellationToken)
    {
        var sources = agents.All.Where(agent => connection.Selection.IsOf(agent.Address) && agent.Address != connection.Target && !connection.LeavesOut(agent.Address, agents)).ToList();
        var found = await ListAsync(sources, cancellationToken);
        return [.. sources.Where(agent => found.ContainsKey(agent.Id)).Select(agent => (agent, found[agent.Id]))];
    }

    private static bool TryWrite(Microsoft.Data.Sqlite.SqliteConnection connection, long agentId, AgentState next, PreparedEvent? told)
    {
        var isWritten = StateStore.TryWrite(connection, agentId, next);
        if (isWritten)
        {
            told?.Insert(connection);
        }

        return isWritten;
    }

    // Which members changed, never what is in them: values leave through fields that a connection names.
    private static NewEvent EventOf(AgentAddress source, long version, IReadOnlyList<string> changed, StateCause cause) => new(source, EventType.StateUpdate, EventJson.Object(json =>
    {
        json.WriteNumber("version", version);
        json.WriteStartArray("fields");
        foreach (var name in changed)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }))
    {
        Subject = source.ToString(),
        Hops = cause.Hops,
        TraceParent = cause.TraceParent,
    };

    private static List<string> Changed(JsonObject before, JsonObject after) => [.. MergePatch.Between(before, after).Select(member => member.Key)];

    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
}

/// <summary>What a change of a state follows from.</summary>
/// <param name="Hops">How long the chain is.</param>
/// <param name="TraceParent">Its trace; empty for none.</param>
internal readonly record struct StateCause(int Hops, string TraceParent)
{
    /// <summary>Nothing.</summary>
    public static StateCause None { get; } = new(0, string.Empty);
}
