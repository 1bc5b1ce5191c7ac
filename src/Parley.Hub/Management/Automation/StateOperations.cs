using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.State;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Hub.Management.Automation;

/// <summary>Operations on shared states. An agent writes its own, a key those of its owner's agents; others read what a connection lets through, and know of no more.</summary>
internal sealed class StateOperations(StateService states, ConnectionRegistry connections, EventAudience audience, AgentRegistry agents, Chains chains, TimeProvider time) : IOperationModule
{
    private const int MaxWaitSeconds = 25;

    private readonly ManagementJson _json = ManagementJson.Compact;

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        Operation.Of("state.list", Role.Agent, ApiScopes.State, _json.StateArguments, _json.PageStateView, ListAsync),
        Operation.Of("state.get", Role.Agent, ApiScopes.State, _json.StateArguments, _json.ItemStateView, GetAsync),
        Operation.Of("state.set", Role.Agent, ApiScopes.State, _json.StateArguments, _json.ItemStateView, SetAsync),
        Operation.Of("state.patch", Role.Agent, ApiScopes.State, _json.StateArguments, _json.ItemStateView, PatchAsync),
    ];

    private async Task<Page<StateView>> ListAsync(OperationCall call, StateArguments arguments, CancellationToken cancellationToken)
    {
        var mine = agents.All.Where(agent => AccessPolicy.SpeaksFor(call.Caller, agent)).OrderBy(agent => agent.Address.ToString(), StringComparer.Ordinal).ToList();
        var written = await states.ListAsync(mine, cancellationToken);
        List<StateView> views = [.. mine.Where(agent => written.ContainsKey(agent.Id)).Select(agent => new StateView(agent.Address.ToString(), written[agent.Id].Version, written[agent.Id].UpdatedAt))];
        foreach (var connection in connections.List(null).Where(connection => IsReader(call.Caller, connection)))
        {
            views.AddRange((await states.SourcesAsync(connection, cancellationToken)).Select(source =>
                new StateView(source.Agent.Address.ToString(), source.State.Version, source.State.UpdatedAt, null, connection.Id, connection.Config.Fields)));
        }

        return Paging.Of(views, new ListArguments(arguments.Limit, arguments.Offset), view => view);
    }

    private async Task<Item<StateView>> GetAsync(OperationCall call, StateArguments arguments, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(call.Caller, arguments, cancellationToken);
        if (arguments.Wait is > 0 and var wait && arguments.After is { } after && found.Version <= after)
        {
            using var seat = audience.Follow(EventAccess.ReaderOf(call.Caller), found.Agent.Split('.')[0], [new EventPattern(EventType.StateUpdate.Text)]);
            var (patience, began) = (TimeSpan.FromSeconds(Math.Min(wait, MaxWaitSeconds)), time.GetTimestamp());
            while (true)
            {
                var next = seat.Next;
                found = await ReadAsync(call.Caller, arguments, cancellationToken);
                var left = patience - time.GetElapsedTime(began);
                if (found.Version > after || left <= TimeSpan.Zero || audience.IsStopped)
                {
                    break;
                }

                await next.WaitAsync(left, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return new Item<StateView>(found);
    }

    private Task<Item<StateView>> SetAsync(OperationCall call, StateArguments arguments, CancellationToken cancellationToken)
    {
        var whole = MergePatch.Clean(StateJson.Read(arguments.Value));
        return WriteAsync(call, arguments, _ => whole, cancellationToken);
    }

    private Task<Item<StateView>> PatchAsync(OperationCall call, StateArguments arguments, CancellationToken cancellationToken)
    {
        var patch = StateJson.Read(arguments.Value);
        return WriteAsync(
            call,
            arguments,
            state =>
            {
                MergePatch.Apply(state, patch);
                return state;
            },
            cancellationToken);
    }

    private async Task<Item<StateView>> WriteAsync(OperationCall call, StateArguments arguments, Func<JsonObject, JsonObject> change, CancellationToken cancellationToken)
    {
        var agent = Named(call.Caller, arguments.Agent);
        if (agent is null || !AccessPolicy.SpeaksFor(call.Caller, agent))
        {
            // Who may read a part of it knows of it already.
            throw agent is not null && ReadersOf(call.Caller, agent, null).Any()
                ? new ParleyException(ErrorCode.PermissionDenied, "This is a replica: only the agent itself and its owner's keys write its state.")
                : Unknown();
        }

        var cause = new StateCause(chains.Admit(agent.Address, arguments.Hops), arguments.TraceParent ?? string.Empty);
        var written = await states.WriteAsync(agent, change, VersionOf(arguments.IfMatch), cause, cancellationToken);
        return new Item<StateView>(ViewOf(agent, written));
    }

    private async Task<StateView> ReadAsync(Principal caller, StateArguments arguments, CancellationToken cancellationToken)
    {
        var agent = Named(caller, arguments.Agent) ?? throw Unknown();
        if (arguments.Connection is null && AccessPolicy.SpeaksFor(caller, agent))
        {
            return ViewOf(agent, await states.ReadAsync(agent, cancellationToken));
        }

        // Of several connections the oldest that shows something.
        foreach (var connection in ReadersOf(caller, agent, arguments.Connection))
        {
            if (await states.ReadReplicaAsync(connection, agent, cancellationToken) is { } replica)
            {
                return ViewOf(agent, replica) with { Connection = connection.Id, Fields = connection.Config.Fields };
            }
        }

        throw Unknown();
    }

    private IEnumerable<Connection> ReadersOf(Principal caller, Agent agent, string? id) => connections.List(agent.Address.Owner)
        .Where(connection => IsReader(caller, connection) && connection.Selection.IsOf(agent.Address) && connection.Target != agent.Address && !connection.LeavesOut(agent.Address, agents) && (id is null || connection.Id == id));

    // Unknown, hidden and not the caller's look alike.
    private Agent? Named(Principal caller, string? text)
    {
        if (text is null)
        {
            return caller.Agent is { } self ? agents.Find(self) : throw new ParleyException(ErrorCode.InvalidArgument, "Name the agent whose state is meant.") { Field = "agent" };
        }

        try
        {
            return agents.Find(agents.Resolve(caller, text));
        }
        catch (ParleyException refusal) when (refusal.Code == ErrorCode.AgentUnknown)
        {
            return null;
        }
    }

    private bool IsReader(Principal caller, Connection connection) =>
        connection.Config.Fields is not null && connection.Target is { } address && agents.Find(address) is { } target && AccessPolicy.SpeaksFor(caller, target);

    private static long? VersionOf(string? text)
    {
        if (string.IsNullOrEmpty(text) || text == "*")
        {
            return null;
        }

        var digits = text is ['"', .. var inner, '"'] ? inner : text;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw new ParleyException(ErrorCode.InvalidArgument, "If-Match is the ETag of a state: its version.") { Field = "ifMatch" };
    }

    private static StateView ViewOf(Agent agent, AgentState state)
    {
        using var data = JsonDocument.Parse(state.Data);
        return new StateView(agent.Address.ToString(), state.Version, state.UpdatedAt, data.RootElement.Clone());
    }

    private static ParleyException Unknown() => new(ErrorCode.NotFound, "There is no such state for you.");
}
