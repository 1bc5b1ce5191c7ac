using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Hub.Messaging;

internal sealed partial class Router
{
    /// <summary>Reads what the store knows of an envelope, by its sender and id; a test may let it fail.</summary>
    internal Func<string, string, Task<IReadOnlyList<Receipt>>> ReadReceipts { get; set; }

    /// <summary>Learns what the store holds; called once, before the first session attaches.</summary>
    public async Task LoadAsync()
    {
        foreach (var head in await _store.LoadHeadsAsync())
        {
            var mailbox = MailboxOf(head.Receiver);
            lock (mailbox.Gate)
            {
                mailbox.Count(head.Lane, head.Size, 1);
            }
        }
    }

    /// <summary>Reports what expired, and deletes what could not be deleted before; called every second.</summary>
    public async Task ExpireAsync()
    {
        ReadAgain();
        await DeleteAgainAsync();
        var nowMs = NowMs();
        if (!await _store.IsAnythingDueAsync(nowMs))
        {
            return;
        }

        var receipt = new ReceiptEvent(ReceiptState.Expired, nowMs, ErrorMap.Of(ErrorCode.MessageExpired).WireName, "Nobody took the message within its time to live.");
        var keepUntil = nowMs + (long)_options.DefaultTimeToLive.TotalMilliseconds;
        var batch = new Batch();
        foreach (var head in await WithReservedAsync(tryReserve => _store.ExpireAsync(nowMs, tryReserve, receipt, keepUntil)))
        {
            ReleaseRow(head);
            ReportStored(head.Sender, head.Id, head.Receiver, receipt, batch);
            _log.Failed(head.ToEnvelope(), receipt.Code);
        }

        batch.Flush();
    }

    /// <summary>Lets go of messages whose senders were accepted since.</summary>
    public Task ReleaseHeldAsync() => UntilStoredAsync(ReleaseHeldNowAsync);

    private async Task ReleaseHeldNowAsync()
    {
        foreach (var receiver in await _store.ReleaseHeldAsync(IsAccepted))
        {
            var mailbox = MailboxOf(receiver);
            lock (mailbox.Gate)
            {
                mailbox.BeginAgain();
            }

            AnnounceMailbox(mailbox, null);
            Pump(mailbox);
        }
    }

    private bool IsAccepted(string sender, string receiver) => _policy.IsAccepted(AgentAddress.Parse(sender), AgentAddress.Parse(receiver));

    /// <summary>Puts an envelope into the mailbox, or refuses it when there is no room or the sender will not wait.</summary>
    private void Hold(Mailbox mailbox, Envelope envelope, bool isHeld, Batch batch)
    {
        UseCurrentNames(envelope);
        try
        {
            if (envelope.OnlineOnly && !_sessions.IsListening(mailbox.Owner))
            {
                throw new ParleyException(ErrorCode.AgentOffline, $"{mailbox.Owner} has no listener now.");
            }

            lock (mailbox.Gate)
            {
                mailbox.Hold(Lanes.Of(envelope), envelope.Body.Length, _options.MailboxMaxCount, _options.MailboxMaxBytes);
            }
        }
        catch (ParleyException exception)
        {
            EndSend(envelope, exception, batch);
            return;
        }

        _ = InBackgroundAsync(() => StoreAsync(mailbox, envelope, isHeld));
    }

    private async Task StoreAsync(Mailbox mailbox, Envelope envelope, bool isHeld)
    {
        var batch = new Batch();
        var accepted = Event(ReceiptState.Accepted);
        var held = isHeld
            ? new ReceiptEvent(ReceiptState.Held, accepted.AtMs, ErrorMap.Of(ErrorCode.ContactPending).WireName, "The receiver's owner has still to accept the sender.")
            : new ReceiptEvent(ReceiptState.Held, accepted.AtMs);
        try
        {
            var row = await _store.InsertAsync(envelope, isHeld, envelope.AcceptedAtMs + (long)envelope.TtlMs, [accepted, held], connection => _policy.NamesIn(connection, envelope.From, envelope.To));
            if (row == 0)
            {
                Release(mailbox, envelope);
                _ = InBackgroundAsync(() => UntilStoredAsync(() => RepeatStoredAsync(envelope)));
            }
            else
            {
                Report(envelope.From, envelope.Id, accepted, batch);
                Report(envelope.From, envelope.Id, held, batch);
                _log.Sent(envelope);
                AnnounceMailbox(mailbox, envelope);
                if (isHeld && IsAccepted(envelope.From, envelope.To))
                {
                    // The owner accepted the sender while this was on its way into the store.
                    _ = InBackgroundAsync(ReleaseHeldAsync);
                }
            }
        }
        catch (ParleyException exception)
        {
            Release(mailbox, envelope);
            EndSend(envelope, exception, batch);
        }
        catch (StoreUnavailableException exception)
        {
            LogStoreFailed(exception);
            Release(mailbox, envelope);
            EndSend(envelope, new ParleyException(ErrorCode.Unavailable, "The hub's store takes nothing now; try again later."), batch);
        }

        batch.Flush();
        if (!isHeld)
        {
            Pump(mailbox);
            HandOverIfAwaited(mailbox, envelope);
        }
    }

    private async Task DispatchUnlessStoredAsync(Route route, Envelope envelope)
    {
        var batch = new Batch();
        if (!await TryRepeatStoredAsync(envelope, batch))
        {
            Dispatch(route, envelope, batch);
        }

        batch.Flush();
    }

    private async Task ReplyUnlessStoredAsync(Envelope envelope, string? originNode)
    {
        var batch = new Batch();
        if (!await TryRepeatStoredAsync(envelope, batch))
        {
            RouteReply(envelope, originNode, batch);
        }

        batch.Flush();
    }

    private async Task RepeatStoredAsync(Envelope envelope)
    {
        var batch = new Batch();
        await TryRepeatStoredAsync(envelope, batch);
        batch.Flush();
    }

    /// <summary>Tells the sender what the store knows of an envelope; false when it never had it.</summary>
    private async Task<bool> TryRepeatStoredAsync(Envelope envelope, Batch batch)
    {
        var receipts = await ReadReceipts(envelope.From, envelope.Id);
        foreach (var receipt in receipts)
        {
            Report(envelope.From, envelope.Id, new ReceiptEvent(receipt.State, receipt.AtMs, receipt.Code, receipt.Message), batch);
        }

        return receipts.Count > 0;
    }

    /// <summary>Withdraws an envelope that nobody took yet.</summary>
    private async Task WithdrawAsync(string sender, string id)
    {
        var receipt = new ReceiptEvent(ReceiptState.Failed, NowMs(), ErrorMap.Of(ErrorCode.Canceled).WireName, "The sender withdrew the message.");
        var keepUntil = NowMs() + (long)_options.DefaultTimeToLive.TotalMilliseconds;
        if (await WithReservedAsync(tryReserve => _store.TakeAsync(sender, id, receipt, keepUntil, tryReserve)) is not { } head)
        {
            return;
        }

        ReleaseRow(head);
        var batch = new Batch();
        ReportStored(head.Sender, head.Id, head.Receiver, receipt, batch);
        _log.Failed(head.ToEnvelope(), receipt.Code);
        batch.Flush();
    }

    /// <summary>Reports on an envelope that may be older than this process, whose sender waits none the less.</summary>
    private void ReportStored(string sender, string id, string receiver, ReceiptEvent receipt, Batch batch)
    {
        var outgoing = OutgoingOf(sender);
        bool isStranger;
        lock (outgoing.Gate)
        {
            var key = MessageKey.Of(id);
            ref var record = ref outgoing.Begin(key, outgoing.AwaitingSession(key), null, out var isNew);
            isStranger = isNew && record.Session is null;
            if (isNew)
            {
                record.To = receiver;
            }
        }

        Report(sender, id, receipt, batch);
        if (isStranger)
        {
            // All nodes share the store, and any of them may be the one that sweeps: the sender may be attached to another.
            AnnounceReceipt(sender, ToWire(id, receiver, receipt));
        }
    }

    /// <summary>An envelope goes no further: it is refused, unless it may have been taken before.</summary>
    private void EndSend(Envelope envelope, ParleyException exception, Batch batch)
    {
        var isUnknown = MayBeTaken(envelope, exception);
        var receipt = isUnknown ? Unknown(exception) : Refusal(exception);
        _log.Failed(envelope, receipt.Code);
        Report(envelope.From, envelope.Id, receipt, batch);
        if (!isUnknown)
        {
            ForgetSend(envelope);
        }
    }

    private void Release(Mailbox mailbox, Envelope envelope)
    {
        UseCurrentNames(envelope);
        lock (mailbox.Gate)
        {
            mailbox.Release(Lanes.Of(envelope), envelope.Body.Length);
        }
    }

    private void ReleaseRow(StoredHead head)
    {
        var mailbox = MailboxOf(head.Receiver);
        lock (mailbox.Gate)
        {
            mailbox.Release(head.Lane, head.Size);
            mailbox.NoteDeleted(head.Row);
        }

        AnnounceReleased(head.Receiver, head.Lane, head.Size);
    }

    /// <summary>Takes a row out of the pump's reach; false when a session has it.</summary>
    private bool TryReserve(string receiver, long row)
    {
        var mailbox = MailboxOf(receiver);
        lock (mailbox.Gate)
        {
            return mailbox.InHand.Add(row);
        }
    }

    /// <summary>Runs a write that takes rows out of the pump's reach; when it fails they are still in the store, and in reach again.</summary>
    private async Task<T> WithReservedAsync<T>(Func<Func<string, long, bool>, Task<T>> write)
    {
        var reserved = new List<(string Receiver, long Row)>();
        try
        {
            return await write((receiver, row) =>
            {
                var isMine = TryReserve(receiver, row);
                if (isMine)
                {
                    reserved.Add((receiver, row));
                }

                return isMine;
            });
        }
        catch
        {
            foreach (var (receiver, row) in reserved)
            {
                TakeBack(MailboxOf(receiver), row);
            }

            throw;
        }
    }

    private void TakeBack(Mailbox mailbox, long row)
    {
        lock (mailbox.Gate)
        {
            mailbox.InHand.Remove(row);
            mailbox.BeginAgain();
        }

        Pump(mailbox);
        HandOverMissed(mailbox);
    }

    /// <summary>Runs a step that begins with the store, and again with each sweep while the store fails: nothing else would take up what it is about.</summary>
    private async Task UntilStoredAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (StoreUnavailableException)
        {
            // The store says itself that it fails.
            _failedReads.Enqueue(() => _ = InBackgroundAsync(() => UntilStoredAsync(step)));
        }
    }

    /// <summary>Runs a step that nobody waits for; what fails in it is logged, since nobody else would see it.</summary>
    private async Task InBackgroundAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (ObjectDisposedException)
        {
            // The hub stopped meanwhile. What was not committed has no receipt, so its sender sends it again.
        }
        catch (Exception exception)
        {
            LogBackgroundFailed(exception);
        }
    }
}
