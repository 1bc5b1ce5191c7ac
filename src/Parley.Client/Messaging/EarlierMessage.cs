using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;
using Parley.Protocol.Wire;

namespace Parley.Client.Messaging;

/// <summary>A message that was sent before: tells from what the hub still knows of it whether an answer can come.</summary>
/// <remarks>
/// A hub forgets receipts of messages that went past its store when it is started again, or after a thousand others, while the work goes on. Its message log remembers
/// them, so a message is unknown only where the log has no row of it either. An answer that comes all the same waits in the mailbox and is fetched the next time.
/// </remarks>
/// <param name="link">Whose link is asked.</param>
/// <param name="id">The message.</param>
internal sealed class EarlierMessage(HubLink.HubLink link, string id)
{
    // The newest 10,000 messages of an agent; the log of a month may be far longer.
    private const int MaxPages = 10;

    private bool _isKnown;

    /// <summary>Ends a wait for an answer that cannot come any more.</summary>
    /// <exception cref="ParleyException">The hub does not say.</exception>
    public async Task EndVainWaitAsync(PendingAnswer pending, CancellationToken cancellationToken)
    {
        var receipts = await ReceiptsAsync(cancellationToken);
        _isKnown |= receipts.Count > 0;
        if (receipts.LastOrDefault(static receipt => IsEnd(receipt.State)) is { } end)
        {
            pending.Note(end);
        }
        else if (receipts.Any(static receipt => receipt.State == ReceiptState.Answered))
        {
            pending.Fail(new ParleyException(ErrorCode.Conflict, "The answer to this message was fetched before, and is kept nowhere else."));
        }
        else if (!_isKnown)
        {
            await EndUnlessLoggedAsync(pending, cancellationToken);
        }
    }

    // One that was read or shown to a person is still answered by that person.
    private static bool IsEnd(ReceiptState state) => state is ReceiptState.Refused or ReceiptState.Expired or ReceiptState.Failed or ReceiptState.Unknown;

    private async Task<List<Receipt>> ReceiptsAsync(CancellationToken cancellationToken)
    {
        var arguments = JsonSerializer.SerializeToUtf8Bytes(new ReceiptArguments(id), MailboxJson.Default.ReceiptArguments);
        using var answer = await link.CallAsync("receipts.get", arguments, cancellationToken);
        return [.. answer.Deserialize(MailboxJson.Default.PageReceiptView)!.Data.Select(ReceiptOf)];
    }

    private Receipt ReceiptOf(ReceiptView view) => new()
    {
        Id = id,
        To = view.To,
        State = Enum.TryParse<ReceiptState>(view.State, ignoreCase: true, out var state) ? state : ReceiptState.Unspecified,
        AtMs = view.At.ToUnixTimeMilliseconds(),
        Code = view.Code ?? string.Empty,
        Message = view.Message ?? string.Empty,
    };

    private async Task EndUnlessLoggedAsync(PendingAnswer pending, CancellationToken cancellationToken)
    {
        var json = ManagementJson.Answers;
        string? before = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var arguments = new MessageListArguments(Direction: "outgoing", Before: before, Limit: Page<MessageView>.MaxLimit);
            using var answer = await link.CallAsync("messages.list", JsonSerializer.SerializeToUtf8Bytes(arguments, json.MessageListArguments), cancellationToken);
            var rows = answer.Deserialize(json.MessagePage)!;
            if (rows.Data.FirstOrDefault(row => row.MessageId == id) is { } row)
            {
                if (row is { Status: "failed", Error: { } error })
                {
                    pending.Fail(new ParleyException(ErrorMap.FromWireName(error), "The message did not reach its receiver."));
                }

                _isKnown = true;
                return;
            }

            before = rows.Next;
            if (before is null)
            {
                break;
            }
        }

        pending.Fail(new ParleyException(ErrorCode.NotFound, "The hub knows no message of this agent with this id."));
    }
}
