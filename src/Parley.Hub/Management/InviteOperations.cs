using Parley.Hub.Identity;
using Parley.Hub.Identity.Visitors;
using Parley.Hub.Identity.Keys;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Hub.Management;

/// <summary>Operations of an agent on its visitors, over its link alone.</summary>
internal sealed class InviteOperations(Invites invites, AgentRegistry agents, HubAddresses addresses) : IOperationModule
{
    private static readonly TimeSpan _defaultLifetime = TimeSpan.FromHours(1);

    private readonly ManagementJson _json = ManagementJson.Compact;

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        Operation.Of("invites.create", Role.Agent, ApiScopes.Messages, _json.InviteArguments, _json.ItemNewInvite, CreateAsync),
        Operation.Of("invites.revoke", Role.Agent, ApiScopes.Messages, _json.InviteArguments, _json.ItemString, RevokeAsync),
    ];

    private async Task<Item<NewInvite>> CreateAsync(OperationCall call, InviteArguments arguments, CancellationToken cancellationToken)
    {
        var host = HostOf(call);
        var lifetime = arguments.ExpiresIn is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, int.MaxValue)) : _defaultLifetime;
        var (token, secret) = await invites.CreateAsync(host, arguments.Visitor, lifetime, cancellationToken);
        var visitor = $"{token.Owner}.{token.Invite!.Visitor}";
        call.Remember(visitor, token.Id);
        return new Item<NewInvite>(new NewInvite(visitor, secret, new Uri(addresses.Http, "/p2p"), token.ExpiresAt!.Value));
    }

    private async Task<Item<string>> RevokeAsync(OperationCall call, InviteArguments arguments, CancellationToken cancellationToken)
    {
        var visitor = await invites.RevokeAsync(HostOf(call), arguments.Visitor, cancellationToken);
        call.Remember(visitor.ToString());
        return new Item<string>(visitor.ToString());
    }

    private Agent HostOf(OperationCall call) => call.Caller.Agent is { } address && agents.Find(address) is { Visit: null } host
        ? host
        : throw new ParleyException(ErrorCode.InvalidArgument, "Only an agent invites: call this over its link.");
}
