using Parley.Hub.Identity.Keys;
using Parley.Hub.Identity;
using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Management;
using Parley.Protocol.Wire;

namespace Parley.Hub.Management;

/// <summary>Operations on agents: seeing them, labelling them, and their life cycle (DECISIONS 18).</summary>
internal sealed class AgentOperations(AgentRegistry agents, JoinTokens tokens, SessionDirectory sessions, HubKey hub, HubAddresses addresses) : IOperationModule
{
    // A replaced home is set up now or in the next days; nobody should find the string in a mail next year.
    private static readonly TimeSpan _resetLifetime = TimeSpan.FromDays(3);

    private const string DefaultRetention = "default";

    // As the hub's own option.
    private static readonly TimeSpan _leastRetention = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _mostRetention = TimeSpan.FromDays(3650);

    private readonly ManagementJson _json = ManagementJson.Compact;

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        Operation.Of("agents.list", Role.Agent, ApiScopes.AgentsRead, _json.ListArguments, _json.PageAgentView, ListAsync),
        Operation.Of("agents.get", Role.Agent, ApiScopes.AgentsRead, _json.AgentArguments, _json.ItemAgentView, GetAsync),
        Operation.Of("agents.keys", Role.Agent, ApiScopes.AgentsRead, _json.AgentArguments, _json.ItemAgentKeysView, KeysAsync),
        Operation.Of("agents.label", Role.Agent, ApiScopes.AgentsRead, _json.AgentArguments, _json.ItemAgentView, LabelAsync),
        Operation.Of("agents.rename", Role.Admin, ApiScopes.Admin, _json.AgentArguments, _json.ItemAgentView, RenameAsync),
        Operation.Of("agents.remove", Role.Admin, ApiScopes.Admin, _json.AgentArguments, _json.ItemString, RemoveAsync),
        Operation.Of("agents.leave", Role.Agent, ApiScopes.None, _json.NoArguments, _json.ItemString, LeaveAsync),
        Operation.Of("agents.reset-key", Role.Admin, ApiScopes.Admin, _json.AgentArguments, _json.ItemNewToken, ResetKeyAsync),
    ];

    private Task<Page<AgentView>> ListAsync(OperationCall call, ListArguments arguments, CancellationToken cancellationToken)
    {
        var selected = arguments.Selector is { } selector
            ? agents.Select(call.Caller, LabelSelector.Parse(selector))
            : agents.VisibleTo(call.Caller);
        return Task.FromResult(Paging.Of(selected, arguments, View));
    }

    private Task<Item<AgentView>> GetAsync(OperationCall call, AgentArguments arguments, CancellationToken cancellationToken) =>
        Task.FromResult(new Item<AgentView>(View(agents.FindVisible(call.Caller, arguments.Agent))));

    /// <summary>The keys that an agent enrolled with, and its identity key's word for the other two: whoever asks checks that itself.</summary>
    private Task<Item<AgentKeysView>> KeysAsync(OperationCall call, AgentArguments arguments, CancellationToken cancellationToken)
    {
        var agent = agents.FindVisible(call.Caller, arguments.Agent);
        return agent.IsKeyReset
            ? throw new ParleyException(ErrorCode.NotFound, "The agent has no key now: it waits for a new home.")
            : Task.FromResult(new Item<AgentKeysView>(new AgentKeysView(
                agent.Address.ToString(), Convert.ToBase64String(agent.PublicKey), Convert.ToBase64String(agent.KeyAgreement), Convert.ToBase64String(agent.TlsKey), Convert.ToBase64String(agent.BindingSignature))));
    }

    private async Task<Item<AgentView>> LabelAsync(OperationCall call, AgentArguments arguments, CancellationToken cancellationToken)
    {
        var agent = agents.FindVisible(call.Caller, arguments.Agent);
        if (!AccessPolicy.MayLabel(call.Caller, agent))
        {
            throw new ParleyException(ErrorCode.PermissionDenied, "Only the agent itself and admins change that.");
        }

        call.Remember(agent.Address.ToString());
        var isAdmin = call.Caller.Role == Role.Admin;
        AgentVisibility? visibility = arguments.Visibility is { } text ? AgentVisibilityText.Parse(text) : null;
        var retention = RetentionOf(arguments.TaskRetention);
        var changed = arguments.Labels is null && visibility is null && arguments.TaskRetention is not null
            ? agent
            : await agents.SetLabelsAsync(agent.Address, arguments.Labels, visibility, isAdmin, cancellationToken);
        return new Item<AgentView>(View(arguments.TaskRetention is null ? changed : await agents.SetTaskRetentionAsync(agent.Address, retention, cancellationToken)));
    }

    private static TimeSpan? RetentionOf(string? text) => text is null or DefaultRetention ? null
        : DurationText.Parse(text) is var time && time >= _leastRetention && time <= _mostRetention ? time
        : throw new ParleyException(ErrorCode.InvalidArgument, $"Tasks are kept for {DurationText.Format(_leastRetention)} to {DurationText.Format(_mostRetention)}, or {DefaultRetention}.") { Field = "taskRetention" };

    private async Task<Item<AgentView>> RenameAsync(OperationCall call, AgentArguments arguments, CancellationToken cancellationToken)
    {
        var agent = agents.FindVisible(call.Caller, arguments.Agent);
        var name = arguments.Name ?? throw new ParleyException(ErrorCode.InvalidArgument, "The new name is missing.");
        call.Remember(agent.Address.ToString(), name);
        return new Item<AgentView>(View(await agents.RenameAsync(agent.Address, name, cancellationToken)));
    }

    private async Task<Item<string>> RemoveAsync(OperationCall call, AgentArguments arguments, CancellationToken cancellationToken)
    {
        var agent = agents.FindVisible(call.Caller, arguments.Agent);
        call.Remember(agent.Address.ToString());
        await agents.RemoveAsync(agent.Address, cancellationToken);
        return new Item<string>(agent.Address.ToString());
    }

    /// <summary>An agent that is needed no more removes itself; only its own link can ask for it.</summary>
    private async Task<Item<string>> LeaveAsync(OperationCall call, NoArguments arguments, CancellationToken cancellationToken)
    {
        var address = call.Caller.Agent ?? throw new ParleyException(ErrorCode.InvalidArgument, "Only an agent leaves: call this over its link.");
        call.Remember(address.ToString());
        await agents.RemoveAsync(address, cancellationToken);
        return new Item<string>(address.ToString());
    }

    private async Task<Item<NewToken>> ResetKeyAsync(OperationCall call, AgentArguments arguments, CancellationToken cancellationToken)
    {
        var agent = await agents.ResetKeyAsync(agents.FindVisible(call.Caller, arguments.Agent).Address, cancellationToken);
        var wish = new JoinTokenWish(agent.Address.Owner, agent.EnforcedLabels, MaxAgents: null, MaxUses: 1, _resetLifetime, agent.Id);
        var (token, secret) = await tokens.CreateAsync(wish, call.Caller.Actor, cancellationToken);
        call.Remember(agent.Address.ToString(), token.Id);
        return new Item<NewToken>(new NewToken(token.Id, addresses.JoinWith(hub, secret).Reveal(), token.Owner, token.ExpiresAt));
    }

    private AgentView View(Agent agent)
    {
        var session = ListenerOf(agent.Address);
        return new AgentView(
            agent.Address.ToString(),
            agent.Address.Owner,
            agent.Address.Name,
            agent.Labels,
            agent.Visibility.ToText(),
            agent.IsKeyReset ? null : KeyFingerprint.Of(agent.PublicKey),
            session is not null,
            session?.Since,
            session?.Transport.Name,
            agent.CreatedAt,
            $"/agents/{agent.Address}/.well-known/agent-card.json",
            agent.TaskRetention is { } retention ? DurationText.Format(retention) : null,
            AcceptedBy(agent.Address));
    }

    private IReadOnlyList<string>? AcceptedBy(AgentAddress address)
    {
        var words = new List<string>();
        foreach (var session in sessions.Of(address))
        {
            // A session without a name of its own end cannot be met.
            if (session.IsOpen && !session.Ticket.Home.IsEmpty)
            {
                words.AddRange(session.Ticket.Capabilities);
            }
        }

        return words.Count > 0 && PeerCapabilities.NamesOf(words) is { Count: > 0 } names ? names : null;
    }

    private Session? ListenerOf(AgentAddress address)
    {
        foreach (var session in sessions.Of(address))
        {
            if (session.Role == SessionRole.Listen && session.IsOpen)
            {
                return session;
            }
        }

        return null;
    }
}
