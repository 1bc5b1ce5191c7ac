using Parley.Hub.Identity;
using Parley.Hub.Messaging;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;
using Parley.Protocol.Wire;

namespace Parley.Hub.Management;

/// <summary>Operations of an agent on its own messages: what waits, and what became of what it sent.</summary>
internal sealed class MailboxOperations(MailboxStore store, Router router) : IOperationModule
{
    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        Operation.Of("mailbox.list", Role.Agent, ApiScopes.Messages, ManagementJson.Compact.ListArguments, MailboxJson.Default.PageMailboxView, ListAsync),
        Operation.Of("receipts.get", Role.Agent, ApiScopes.Messages, MailboxJson.Default.ReceiptArguments, MailboxJson.Default.PageReceiptView, ReceiptsAsync),
    ];

    private async Task<Page<MailboxView>> ListAsync(OperationCall call, ListArguments arguments, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(arguments.Limit ?? Page<MailboxView>.DefaultLimit, 1, Page<MailboxView>.MaxLimit);
        var offset = Math.Max(0, arguments.Offset ?? 0);
        var (items, total) = await store.ListAsync(AgentOf(call), limit, offset);
        return new Page<MailboxView>([.. items.Select(View)], new PageMeta(total, limit, offset));
    }

    private async Task<Page<ReceiptView>> ReceiptsAsync(OperationCall call, ReceiptArguments arguments, CancellationToken cancellationToken)
    {
        var receipts = await router.ReceiptsOfAsync(AgentOf(call), arguments.Id);
        return new Page<ReceiptView>([.. receipts.Select(View)], new PageMeta(receipts.Count, receipts.Count, 0));
    }

    private static string AgentOf(OperationCall call) =>
        call.Caller.Agent?.ToString() ?? throw new ParleyException(ErrorCode.InvalidArgument, "Only an agent has a mailbox: call this over its link.");

    private static MailboxView View(MailboxItem item) => new(
        item.From,
        item.Id,
        ((EnvelopeKind)item.Kind).ToString().ToLowerInvariant(),
        ((MessageType)item.Type).ToString().ToLowerInvariant(),
        item.Thread,
        item.Correlation,
        item.IsHeld,
        item.Size,
        DateTimeOffset.FromUnixTimeMilliseconds(item.AcceptedAtMs),
        DateTimeOffset.FromUnixTimeMilliseconds(item.ExpiresAtMs));

    private static ReceiptView View(Receipt receipt) => new(
        receipt.State.ToString().ToLowerInvariant(),
        DateTimeOffset.FromUnixTimeMilliseconds(receipt.AtMs),
        receipt.To,
        receipt.Code.Length == 0 ? null : receipt.Code,
        receipt.Message.Length == 0 ? null : receipt.Message);
}
