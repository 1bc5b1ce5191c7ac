using Parley.Hub.Identity.Keys;
using Parley.Hub.Identity;
using Microsoft.Extensions.Options;
using Parley.Hub.Sessions;
using Parley.Hub.Telemetry;
using Parley.Protocol.Management;

namespace Parley.Hub.Management;

/// <summary>Operations on the hub itself: its state, who the caller is, the audit.</summary>
internal sealed class HubOperations(
    HubKey hub, HubAddresses addresses, AgentRegistry agents, SessionDirectory sessions, SessionService service, Readiness readiness, IOptions<SessionOptions> options,
    Audit audit, TimeProvider time) : IOperationModule
{
    private readonly ManagementJson _json = ManagementJson.Compact;
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        Operation.Of("hub.status", Role.Agent, ApiScopes.None, _json.NoArguments, _json.ItemHubStatus, StatusAsync),
        Operation.Of("hub.drain", Role.Admin, ApiScopes.Admin, _json.DrainArguments, _json.ItemHubStatus, DrainAsync),
        Operation.Of("whoami", Role.Agent, ApiScopes.None, _json.NoArguments, _json.ItemCallerView, WhoamiAsync),
        Operation.Of("audit.list", Role.Admin, ApiScopes.Admin, _json.ListArguments, _json.PageAuditView, AuditAsync),
    ];

    private Task<Item<HubStatus>> StatusAsync(OperationCall call, NoArguments arguments, CancellationToken cancellationToken)
    {
        var visible = agents.VisibleTo(call.Caller);
        var version = typeof(HubOperations).Assembly.GetName().Version?.ToString(3) ?? "0";
        return Task.FromResult(new Item<HubStatus>(new HubStatus(
            hub.Id,
            version,
            addresses.Http.ToString().TrimEnd('/'),
            addresses.Grpc.ToString().TrimEnd('/'),
            visible.Count,
            visible.Count(agent => sessions.IsListening(agent.Address)),
            _startedAt,
            service.IsDraining)));
    }

    /// <summary>Asks the links to move and takes no new ones, so that the process can be stopped with nobody on it; or takes links again.</summary>
    private async Task<Item<HubStatus>> DrainAsync(OperationCall call, DrainArguments arguments, CancellationToken cancellationToken)
    {
        call.Remember(hub.Id, arguments.Enabled ? "on" : "off");
        readiness.IsReady = !arguments.Enabled;
        if (arguments.Enabled)
        {
            await service.DrainAsync(options.Value.DrainSpread, cancellationToken);
        }
        else
        {
            service.Resume();
        }

        return await StatusAsync(call, new NoArguments(), cancellationToken);
    }

    private static Task<Item<CallerView>> WhoamiAsync(OperationCall call, NoArguments arguments, CancellationToken cancellationToken)
    {
        var role = call.Caller.Role switch { Role.Admin => "admin", Role.Member => "member", Role.Agent => "agent", _ => "guest" };
        return Task.FromResult(new Item<CallerView>(new CallerView(role, call.Caller.Owner, call.Caller.Agent?.ToString(), call.Caller.Scopes.ToNames())));
    }

    private async Task<Page<AuditView>> AuditAsync(OperationCall call, ListArguments arguments, CancellationToken cancellationToken)
    {
        var (limit, offset) = Paging.Read(arguments);
        var (rows, total) = await audit.ListAsync(limit, offset, cancellationToken);
        return new Page<AuditView>(
            [.. rows.Select(row => new AuditView(row.Id, row.At, row.Actor, row.Act, row.Target, row.Detail, row.Source))], new PageMeta(total, limit, offset));
    }
}
