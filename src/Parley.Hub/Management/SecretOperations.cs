using Parley.Hub.Connections.Secrets;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Hub.Management;

/// <summary>Operations on secrets, which go in and never come out.</summary>
internal sealed class SecretOperations(SecretStore secrets, ConnectionAccess access) : IOperationModule
{
    private static readonly OperationGroup _group = new("secrets", Role.Agent, ApiScopes.Connections);

    private readonly ManagementJson _json = ManagementJson.Compact;

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        _group.Of("list", _json.SecretArguments, _json.PageSecretView, ListAsync),
        _group.Of("set", _json.SecretArguments, _json.ItemSecretView, SetAsync),
        _group.Of("delete", _json.SecretArguments, _json.ItemString, DeleteAsync),
    ];

    private Task<Page<SecretView>> ListAsync(OperationCall call, SecretArguments arguments, CancellationToken cancellationToken)
    {
        var owner = access.OwnerOf(call.Caller, arguments.Owner);
        return Task.FromResult(Paging.Of(secrets.List(owner), new ListArguments(arguments.Limit, arguments.Offset), secret => new SecretView(secret.Name, owner, secret.CreatedAt, secret.UpdatedAt)));
    }

    private async Task<Item<SecretView>> SetAsync(OperationCall call, SecretArguments arguments, CancellationToken cancellationToken)
    {
        var owner = access.OwnerOf(call.Caller, arguments.Owner);
        var name = arguments.Name ?? string.Empty;
        var value = arguments.Value ?? throw new ParleyException(ErrorCode.InvalidArgument, "A secret needs a value.") { Field = "value" };
        await secrets.SetAsync(owner, name, value, cancellationToken);
        call.Remember(name, $"owner {owner}");
        var set = secrets.List(owner).First(secret => secret.Name == name);
        return new Item<SecretView>(new SecretView(name, owner, set.CreatedAt, set.UpdatedAt));
    }

    private async Task<Item<string>> DeleteAsync(OperationCall call, SecretArguments arguments, CancellationToken cancellationToken)
    {
        var owner = access.OwnerOf(call.Caller, arguments.Owner);
        await secrets.DeleteAsync(owner, arguments.Name ?? string.Empty, cancellationToken);
        call.Remember(arguments.Name!, $"owner {owner}");
        return new Item<string>(arguments.Name!);
    }
}
