using Parley.Hub.Connections;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Connections.Secrets;
using Parley.Hub.Connections.State;
using Parley.Hub.Connections.Webhooks;
using Parley.Hub.Identity;
using Parley.Hub.Management.Automation;
using Parley.Hub.Outbound;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Management;

/// <summary>Operations on connections. Admins only, unless owners may connect their own agents (DECISIONS 27: the option <c>--owners-connect</c>).</summary>
internal sealed class ConnectionOperations(
    ConnectionRegistry connections, ConnectionAccess access, AgentRegistry agents, SecretStore secrets, DeliveryReader deliveries, EventIntake intake,
    StateService states, Chains chains, OutboundPolicy outbound, TimeProvider time, FillRandom random) : IOperationModule
{
    private const int MaxOverlapDays = 30;

    private static readonly OperationGroup _group = new("connections", Role.Agent, ApiScopes.Connections);

    private readonly ManagementJson _json = ManagementJson.Compact;

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        _group.Of("list", _json.ListArguments, _json.PageConnectionView, ListAsync),
        _group.Of("create", _json.ConnectionArguments, _json.ItemConnectionView, CreateAsync),
        _group.Of("get", _json.ConnectionCallArguments, _json.ItemConnectionView, GetAsync),
        _group.Of("update", _json.ConnectionArguments, _json.ItemConnectionView, UpdateAsync),
        _group.Of("delete", _json.ConnectionCallArguments, _json.ItemDeletedConnection, DeleteAsync),
        _group.Of("pause", _json.ConnectionCallArguments, _json.ItemConnectionView, PauseAsync),
        _group.Of("resume", _json.ConnectionCallArguments, _json.ItemConnectionView, ResumeAsync),
        _group.Of("rotate", _json.ConnectionCallArguments, _json.ItemConnectionView, RotateAsync),
        _group.Of("test", _json.ConnectionCallArguments, _json.ItemConnectionTestView, TestAsync),
    ];

    private async Task<Page<ConnectionView>> ListAsync(OperationCall call, ListArguments arguments, CancellationToken cancellationToken)
    {
        var (limit, offset) = Paging.Read(arguments);
        var all = connections.List(access.OwnerFilter(call.Caller, arguments.Owner)).Where(connection => access.MaySee(call.Caller, connection)).ToList();
        var views = new List<ConnectionView>();
        foreach (var connection in all.Skip(offset).Take(limit))
        {
            views.Add(ConnectionForm.ViewOf(connection, await deliveries.CountAsync(connection.Id)));
        }

        return new Page<ConnectionView>(views, new PageMeta(all.Count, limit, offset));
    }

    private async Task<Item<ConnectionView>> CreateAsync(OperationCall call, ConnectionArguments arguments, CancellationToken cancellationToken)
    {
        var (owner, source) = SourceOf(call.Caller, arguments.SourceAgentId, arguments.Owner);
        var settings = ConnectionForm.Join(arguments);
        var secret = arguments.Secret ?? WebhookSecret.Make(random);
        WebhookSecret.Read(secret);
        var config = WithReplies(call.Caller, settings, ConnectionForm.ConfigOf(settings, null));
        var now = Now();
        var made = Checked(new Connection
        {
            Id = "conn_" + EnvelopeId.Make(random).Value,
            Owner = owner,
            SourceName = source,
            Target = TargetOf(call.Caller, settings.TargetAgentId),
            Kind = ConnectionForm.KindOf(arguments.ConnectionType),
            Config = config,
            Secrets = ConnectionForm.SecretsOf(settings, new EndpointSecrets(secret, null, null, null, new Dictionary<string, string>())),
            Selection = Connection.Compile(owner, source, config),
            CreatedBy = call.Caller.Actor,
            CreatedAt = now,
            UpdatedAt = now,
        });
        await connections.AddAsync(made, cancellationToken);
        await states.ShareAsync(made, cancellationToken);
        call.Remember(made.Id, $"{made.Source} to {made.Target?.ToString() ?? "an address"}");
        return new Item<ConnectionView>(ConnectionForm.ViewOf(made, (0, 0), secret, WarningsOf(made)));
    }

    private async Task<Item<ConnectionView>> GetAsync(OperationCall call, ConnectionCallArguments arguments, CancellationToken cancellationToken) =>
        await ViewAsync(access.Find(call.Caller, arguments.Id));

    private async Task<Item<ConnectionView>> UpdateAsync(OperationCall call, ConnectionArguments arguments, CancellationToken cancellationToken)
    {
        var id = access.Find(call.Caller, arguments.Id ?? string.Empty).Id;
        if (arguments.Secret is not null)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A secret is changed by rotating it, so that receivers can change over.") { Field = "secret" };
        }

        var settings = ConnectionForm.Join(arguments);
        var changed = await connections.UpdateAsync(id, old => Changed(call.Caller, arguments, settings, old), cancellationToken) ?? throw ConnectionAccess.Unknown();
        await states.ShareAsync(changed, cancellationToken);
        call.Remember(id);
        return await ViewAsync(changed);
    }

    private Connection Changed(Principal caller, ConnectionArguments arguments, ConnectionSettings settings, Connection old)
    {
        var (owner, source) = arguments.SourceAgentId is null ? (old.Owner, old.SourceName) : SourceOf(caller, arguments.SourceAgentId, old.Owner);
        if (owner != old.Owner)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A connection stays with its owner: make another one.") { Field = "source_agent_id" };
        }

        var config = WithReplies(caller, settings, ConnectionForm.ConfigOf(settings, old.Config));
        return Checked(old with
        {
            SourceName = source,
            Target = settings.TargetAgentId is null ? old.Target : TargetOf(caller, settings.TargetAgentId),
            Kind = arguments.ConnectionType is null ? old.Kind : ConnectionForm.KindOf(arguments.ConnectionType),
            Config = config,
            Secrets = ConnectionForm.SecretsOf(settings, old.Secrets),
            Selection = Connection.Compile(owner, source, config),
            UpdatedAt = Now(),
        });
    }

    private async Task<Item<DeletedConnection>> DeleteAsync(OperationCall call, ConnectionCallArguments arguments, CancellationToken cancellationToken)
    {
        var id = access.Find(call.Caller, arguments.Id).Id;
        var (pending, dead) = await deliveries.CountAsync(id);
        await connections.DeleteAsync(id, cancellationToken);
        call.Remember(id, $"{pending} pending, {dead} dead letters");
        return new Item<DeletedConnection>(new DeletedConnection(id, pending, dead));
    }

    private Task<Item<ConnectionView>> PauseAsync(OperationCall call, ConnectionCallArguments arguments, CancellationToken cancellationToken) =>
        SetStatusAsync(call, arguments.Id, ConnectionStatus.Paused, "Paused by its owner.", cancellationToken);

    private Task<Item<ConnectionView>> ResumeAsync(OperationCall call, ConnectionCallArguments arguments, CancellationToken cancellationToken) =>
        SetStatusAsync(call, arguments.Id, ConnectionStatus.Active, string.Empty, cancellationToken);

    private async Task<Item<ConnectionView>> SetStatusAsync(OperationCall call, string id, ConnectionStatus status, string reason, CancellationToken cancellationToken)
    {
        var before = access.Find(call.Caller, id).Status;
        var changed = await connections.SetStatusAsync(id, status, reason, cancellationToken) ?? throw ConnectionAccess.Unknown();
        if (before == ConnectionStatus.Disabled && status == ConnectionStatus.Active)
        {
            // What came meanwhile became dead letters.
            await states.ShareAsync(changed, cancellationToken);
        }

        call.Remember(id);
        return await ViewAsync(changed);
    }

    private async Task<Item<ConnectionView>> RotateAsync(OperationCall call, ConnectionCallArguments arguments, CancellationToken cancellationToken)
    {
        access.Find(call.Caller, arguments.Id);
        var overlap = TimeSpan.FromSeconds(Math.Clamp(arguments.Overlap ?? 86_400, -1, long.MaxValue / TimeSpan.TicksPerSecond));
        if (overlap < TimeSpan.Zero || overlap > TimeSpan.FromDays(MaxOverlapDays))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"An overlap is 0 seconds to {MaxOverlapDays} days.") { Field = "overlap" };
        }

        var secret = arguments.Secret ?? WebhookSecret.Make(random);
        WebhookSecret.Read(secret);
        var changed = await connections.UpdateAsync(
            arguments.Id,
            old => old with { Secrets = old.Secrets with { Secret = secret, Previous = old.Secrets.Secret, PreviousUntil = time.GetUtcNow() + overlap }, UpdatedAt = Now() },
            cancellationToken) ?? throw ConnectionAccess.Unknown();
        call.Remember(arguments.Id);
        return new Item<ConnectionView>(ConnectionForm.ViewOf(changed, await deliveries.CountAsync(changed.Id), secret));
    }

    private async Task<Item<ConnectionTestView>> TestAsync(OperationCall call, ConnectionCallArguments arguments, CancellationToken cancellationToken)
    {
        var connection = access.Find(call.Caller, arguments.Id);
        var given = arguments.Event ?? new TestEvent();
        var source = given.Source is { } named ? agents.FindVisible(call.Caller, named, ApiScopes.Connections).Address : new AgentAddress(connection.Owner, connection.SourceName ?? CallerAddresses.Hub);
        var type = EventType.Parse(given.Type ?? connection.Config.Events.Select(text => text == "*" ? "connection.test" : text.Replace(".*", ".test", StringComparison.Ordinal)).First());
        var data = given.Data ?? EventJson.Object(json => json.WriteBoolean("test", true));
        var explained = ConnectionTest.Explain(connection, source, type, data);
        if (!arguments.Deliver)
        {
            return new Item<ConnectionTestView>(explained);
        }

        if (call.Caller.Role != Role.Admin && given.Source is not null && !connection.Selection.IsOf(source))
        {
            throw new ParleyException(ErrorCode.PermissionDenied, "A test delivers events of the connection's source, and of no other agent.");
        }

        // Sent whether it matches or not: the question is whether the receiver takes it.
        var hops = chains.Admit(call.Caller.Agent ?? source, null);
        var sent = await intake.EmitAsync(new NewEvent(source, type, data) { OnlyFor = connection.Id, Hops = hops }, cancellationToken);
        call.Remember(connection.Id);
        return new Item<ConnectionTestView>(explained with { Delivery = sent.Deliveries is [var only, ..] ? only.Id : null });
    }

    private async Task<Item<ConnectionView>> ViewAsync(Connection connection) =>
        new(ConnectionForm.ViewOf(connection, await deliveries.CountAsync(connection.Id), warnings: WarningsOf(connection)));

    // The owner and the agent's name; null for all agents of the owner.
    private (string Owner, string? Name) SourceOf(Principal caller, string? text, string? owner)
    {
        if (text is null && caller.Agent is { } self)
        {
            return (self.Owner, self.Name);
        }

        if (text is null or "*" || text.EndsWith(".*", StringComparison.Ordinal))
        {
            var named = text is { Length: > 2 } ? text[..^2] : owner;
            return (access.OwnerOf(caller, named), null);
        }

        var address = agents.FindVisible(caller, text, ApiScopes.Connections).Address;
        return (access.OwnerOf(caller, address.Owner), address.Name);
    }

    private ConnectionConfig WithReplies(Principal caller, ConnectionSettings settings, ConnectionConfig config) =>
        settings.ReplyTo is { } text ? config with { ReplyTo = text.Length == 0 ? null : agents.Resolve(caller, text).ToString() } : config;

    private AgentAddress? TargetOf(Principal caller, string? text) => text is null ? null : agents.Resolve(caller, text);

    private Connection Checked(Connection connection)
    {
        if (connection.Config.Fields is not null && !connection.Selection.HasType(EventType.StateUpdate))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "fields are for state.update, which is not among the connection's events.") { Field = "fields" };
        }

        if (connection.Config.ReplyTo is { } replyTo && (connection.Kind != ConnectionKind.Direct || replyTo == connection.Target?.ToString()))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "reply_to is for direct connections, and names another agent than the target.") { Field = "reply_to" };
        }

        if (connection.Config.Url is { } url && connection.Kind == ConnectionKind.Webhook)
        {
            // With a secret in it the address is only known when it is called.
            if (!SecretTemplate.NamesIn(url).Any())
            {
                OutboundUrl.Check(Uri.TryCreate(url, UriKind.Absolute, out var address) ? address : null, outbound);
            }
        }
        else if (connection.Target is null)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A connection needs a target_agent_id, or a webhook its config.url.") { Field = "target_agent_id" };
        }
        else if (connection.SourceName is { } name && connection.Target == new AgentAddress(connection.Owner, name))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "An agent is not connected to itself: it would answer its own events for ever.") { Field = "target_agent_id" };
        }

        return connection;
    }

    private List<string> WarningsOf(Connection connection) =>
        [.. ConnectionForm.SecretNamesIn(connection).Where(name => secrets.Find(connection.Owner, name) is null).Select(name => SecretTemplate.Missing(name).Message)];

    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
}
