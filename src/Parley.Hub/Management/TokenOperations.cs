using Parley.Hub.Identity.Keys;
using Parley.Hub.Identity;
using Parley.Protocol.Management;

namespace Parley.Hub.Management;

/// <summary>Operations on join tokens; admins only.</summary>
internal sealed class TokenOperations(JoinTokens tokens, HubKey hub, HubAddresses addresses, TimeProvider time) : IOperationModule
{
    private static readonly TimeSpan _defaultLifetime = TimeSpan.FromHours(24);

    private readonly ManagementJson _json = ManagementJson.Compact;

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        Operation.Of("tokens.list", Role.Admin, ApiScopes.Admin, _json.ListArguments, _json.PageTokenView, ListAsync),
        Operation.Of("tokens.create", Role.Admin, ApiScopes.Admin, _json.TokenArguments, _json.ItemNewToken, CreateAsync),
        Operation.Of("tokens.revoke", Role.Admin, ApiScopes.Admin, _json.RevokeArguments, _json.ItemRevokedToken, RevokeAsync),
    ];

    private async Task<Page<TokenView>> ListAsync(OperationCall call, ListArguments arguments, CancellationToken cancellationToken) =>
        Paging.Of(await tokens.ListAsync(cancellationToken), arguments, View);

    private async Task<Item<NewToken>> CreateAsync(OperationCall call, TokenArguments arguments, CancellationToken cancellationToken)
    {
        var wish = new JoinTokenWish(
            arguments.Owner ?? Owners.Default,
            arguments.Labels ?? [],
            arguments.MaxAgents,
            arguments.MaxUses switch { null => arguments.MaxAgents is null ? 1 : null, 0 => null, var uses => uses },
            Lifetimes.Read(arguments.ExpiresIn, _defaultLifetime));
        var (token, secret) = await tokens.CreateAsync(wish, call.Caller.Actor, cancellationToken);
        call.Remember(token.Id, $"owner {token.Owner}");
        return new Item<NewToken>(new NewToken(token.Id, addresses.JoinWith(hub, secret).Reveal(), token.Owner, token.ExpiresAt));
    }

    private async Task<Item<RevokedToken>> RevokeAsync(OperationCall call, RevokeArguments arguments, CancellationToken cancellationToken)
    {
        var removed = await tokens.RevokeAsync(arguments.Id, arguments.KeepAgents, cancellationToken);
        call.Remember(arguments.Id, $"{removed.Count} agents removed");
        return new Item<RevokedToken>(new RevokedToken(arguments.Id, [.. removed.Select(address => address.ToString())]));
    }

    private TokenView View(JoinToken token) => new(
        token.Id,
        token.Owner,
        token.Labels,
        token.MaxAgents,
        token.MaxUses,
        token.Uses,
        token.RevokedAt is not null ? "revoked" : token.IsSpent ? "spent" : token.IsGood(time.GetUtcNow()) ? "good" : "expired",
        token.CreatedBy,
        token.CreatedAt,
        token.ExpiresAt);
}
