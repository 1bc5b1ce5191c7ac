using Parley.Hub.Identity;
using Parley.Protocol.Management;

namespace Parley.Hub.Management;

/// <summary>Operations on API keys; admins only.</summary>
internal sealed class KeyOperations(ApiKeys keys, TimeProvider time) : IOperationModule
{
    private static readonly OperationGroup _group = new("keys", Role.Admin, ApiScopes.Admin);

    private readonly ManagementJson _json = ManagementJson.Compact;

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        _group.Of("list", _json.ListArguments, _json.PageKeyView, ListAsync),
        _group.Of("create", _json.KeyArguments, _json.ItemNewKey, CreateAsync),
        _group.Of("revoke", _json.RevokeArguments, _json.ItemString, RevokeAsync),
    ];

    private Task<Page<KeyView>> ListAsync(OperationCall call, ListArguments arguments, CancellationToken cancellationToken) =>
        Task.FromResult(Paging.Of(keys.List(), arguments, View));

    private async Task<Item<NewKey>> CreateAsync(OperationCall call, KeyArguments arguments, CancellationToken cancellationToken)
    {
        var scopes = ApiScopesText.Parse(arguments.Scopes);
        var (key, secret) = await keys.CreateAsync(
            arguments.Owner ?? Owners.Default, scopes, Lifetimes.Read(arguments.ExpiresIn, null), call.Caller.Actor, cancellationToken);
        call.Remember(key.Id, $"owner {key.Owner}, {string.Join(' ', scopes.ToNames())}");
        return new Item<NewKey>(new NewKey(key.Id, secret, key.Owner, key.Scopes.ToNames(), key.ExpiresAt));
    }

    private async Task<Item<string>> RevokeAsync(OperationCall call, RevokeArguments arguments, CancellationToken cancellationToken)
    {
        await keys.RevokeAsync(arguments.Id, cancellationToken);
        call.Remember(arguments.Id);
        return new Item<string>(arguments.Id);
    }

    private KeyView View(ApiKey key) => new(
        key.Id,
        key.Owner,
        key.Scopes.ToNames(),
        key.RevokedAt is not null ? "revoked" : key.IsGood(time.GetUtcNow()) ? "good" : "expired",
        key.CreatedBy,
        key.CreatedAt,
        key.ExpiresAt,
        key.LastUsedAt);
}
