using Parley.Hub.Identity;
using Parley.Protocol.Management;

namespace Parley.Hub.Management;

/// <summary>Operations on contacts: whose messages the caller's owner takes.</summary>
internal sealed class ContactOperations(Contacts contacts) : IOperationModule
{
    private readonly ManagementJson _json = ManagementJson.Compact;

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        Operation.Of("contacts.list", Role.Agent, ApiScopes.Messages, _json.ListArguments, _json.PageContactView, ListAsync),
        Operation.Of("contacts.accept", Role.Agent, ApiScopes.Messages, _json.ContactArguments, _json.ItemContactView, AcceptAsync),
        Operation.Of("contacts.block", Role.Agent, ApiScopes.Messages, _json.ContactArguments, _json.ItemContactView, BlockAsync),
    ];

    private Task<Page<ContactView>> ListAsync(OperationCall call, ListArguments arguments, CancellationToken cancellationToken) =>
        Task.FromResult(Paging.Of(contacts.ListOf(AccessPolicy.OwnerOf(call.Caller, arguments.Owner)), arguments, View));

    private Task<Item<ContactView>> AcceptAsync(OperationCall call, ContactArguments arguments, CancellationToken cancellationToken) =>
        DecideAsync(call, arguments, ContactState.Accepted, cancellationToken);

    private Task<Item<ContactView>> BlockAsync(OperationCall call, ContactArguments arguments, CancellationToken cancellationToken) =>
        DecideAsync(call, arguments, ContactState.Blocked, cancellationToken);

    private async Task<Item<ContactView>> DecideAsync(OperationCall call, ContactArguments arguments, ContactState state, CancellationToken cancellationToken)
    {
        var owner = AccessPolicy.OwnerOf(call.Caller, arguments.Owner);
        var contact = await contacts.DecideAsync(owner, arguments.Sender, state, cancellationToken);
        call.Remember(contact.Sender, $"owner {owner}");
        return new Item<ContactView>(View(contact));
    }

    private static ContactView View(Contact contact) => new(
        contact.Owner,
        contact.Sender,
        contact.State switch { ContactState.Accepted => "accepted", ContactState.Blocked => "blocked", _ => "pending" },
        contact.CreatedAt,
        contact.DecidedAt);
}
