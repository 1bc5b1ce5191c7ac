using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Hub.Messaging;

internal sealed partial class Router
{
    private const int PumpBatch = 256;

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

    /// <summary>Reports what expired; called every second.</summary>
    public async Task ExpireAsync()
    {
        var nowMs = NowMs();
        if (!await _store.IsAnythingDueAsync(nowMs))
        {
            return;
        }

        var receipt = new ReceiptEvent(ReceiptState.Expired, nowMs, ErrorMap.Of(ErrorCode.MessageExpired).WireName, "Nobody took the message within its time to live.");
        var keepUntil = nowMs + (long)_options.DefaultTimeToLive.TotalMilliseconds;
        var batch = new Batch();
        foreach (var head in await _store.ExpireAsync(nowMs, TryReserve, receipt, keepUntil))
        {
            ReleaseRow(head);
            ReportStored(head.Sender, head.Id, head.Receiver, receipt, batch);
            _log.Failed(head.ToEnvelope(), receipt.Code);
        }

        batch.Flush();
    }

    /// <summary>Lets go of messages whose senders were accepted since.</summary>
    public async Task ReleaseHeldAsync()
    {
        foreach (var receiver in await _store.ReleaseHeldAsync(IsAccepted))
        {
            var mailbox = MailboxOf(receiver);
            lock (mailbox.Gate)
            {
                mailbox.PumpCursor = 0;
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
            RefuseSend(envelope, exception, batch);
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
            var row = await _store.InsertAsync(envelope, isHeld, envelope.AcceptedAtMs + (long)envelope.TtlMs, [accepted, held]);
            if (row == 0)
            {
                Release(mailbox, envelope);
                await RepeatStoredAsync(envelope, batch);
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
                    await ReleaseHeldAsync();
                }
            }
        }
        catch (StoreUnavailableException exception)
        {
            LogStoreFailed(exception);
            Release(mailbox, envelope);
            RefuseSend(envelope, new ParleyException(ErrorCode.Unavailable, "The hub's store takes nothing now; try again later."), batch);
        }

        batch.Flush();
        if (!isHeld)
        {
            Pump(mailbox);
            HandOverIfAwaited(mailbox, envelope);
        }
    }

    /// <summary>Brings stored requests to the listener, or while nobody listens to a model's session, while it has room; one pump per mailbox.</summary>
    private void Pump(Mailbox mailbox)
    {
        lock (mailbox.Gate)
        {
            if (mailbox.IsPumping)
            {
                mailbox.MustPumpAgain = true;
                return;
            }

            if (mailbox.HeldCount == 0)
            {
                return;
            }

            mailbox.IsPumping = true;
        }

        _ = InBackgroundAsync(() => PumpAsync(mailbox));
    }

    private async Task PumpAsync(Mailbox mailbox)
    {
        var address = mailbox.Owner.ToString();
        try
        {
            while (true)
            {
                long after;
                lock (mailbox.Gate)
                {
                    mailbox.MustPumpAgain = false;
                    after = mailbox.PumpCursor;
                }

                var found = _sessions.IsListening(mailbox.Owner) || _sessions.ReaderOf(mailbox.Owner, _room.Fits) is not null
                    ? await _store.NextAsync(address, after, PumpBatch, _room.MaxBytes, NowMs())
                    : [];
                var isStuck = !DeliverStored(mailbox, found, after);
                lock (mailbox.Gate)
                {
                    if ((isStuck || found.Count == 0) && !mailbox.MustPumpAgain)
                    {
                        mailbox.IsPumping = false;
                        return;
                    }
                }
            }
        }
        catch
        {
            lock (mailbox.Gate)
            {
                mailbox.IsPumping = false;
            }

            throw;
        }
    }

    /// <summary>Opens deliveries for stored envelopes; false when the listener has no room for one of them.</summary>
    private bool DeliverStored(Mailbox mailbox, IReadOnlyList<StoredEnvelope> found, long after)
    {
        var batch = new Batch();
        var hasRoom = true;
        foreach (var stored in found)
        {
            lock (mailbox.Gate)
            {
                if (mailbox.Reclaim() || mailbox.PumpCursor < after)
                {
                    // A session came or went meanwhile: begin again from the front.
                    break;
                }

                if (!mailbox.InHand.Contains(stored.Row))
                {
                    var session = _sessions.IsListening(mailbox.Owner) ? Pick(mailbox, stored.Envelope) : _sessions.ReaderOf(mailbox.Owner, _room.Fits);
                    if (session is null)
                    {
                        hasRoom = false;
                        break;
                    }

                    mailbox.HandOut(session, stored.Row);
                    Deliver(mailbox, session, stored.Envelope, stored.Row, isRedelivered: true, batch);
                }

                mailbox.PumpCursor = stored.Row;
                after = stored.Row;
            }
        }

        batch.Flush();
        return hasRoom;
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

    private async Task<bool> TryRepeatStoredAsync(Envelope envelope, Batch batch)
    {
        var receipts = await _store.ReceiptsAsync(envelope.From, envelope.Id);
        if (receipts.Count == 0)
        {
            return false;
        }

        await RepeatStoredAsync(envelope, batch);
        return true;
    }

    private async Task RepeatStoredAsync(Envelope envelope, Batch batch)
    {
        foreach (var receipt in await _store.ReceiptsAsync(envelope.From, envelope.Id))
        {
            Report(envelope.From, envelope.Id, new ReceiptEvent(receipt.State, receipt.AtMs, receipt.Code, receipt.Message), batch);
        }
    }

    /// <summary>Withdraws an envelope that nobody took yet.</summary>
    private async Task WithdrawAsync(string sender, string id)
    {
        var receipt = new ReceiptEvent(ReceiptState.Failed, NowMs(), ErrorMap.Of(ErrorCode.Canceled).WireName, "The sender withdrew the message.");
        var keepUntil = NowMs() + (long)_options.DefaultTimeToLive.TotalMilliseconds;
        if (await _store.TakeAsync(sender, id, receipt, keepUntil, TryReserve) is not { } head)
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

    private void RefuseSend(Envelope envelope, ParleyException exception, Batch batch)
    {
        var receipt = new ReceiptEvent(ReceiptState.Refused, NowMs(), exception.Row.WireName, exception.Message);
        _log.Failed(envelope, receipt.Code);
        Report(envelope.From, envelope.Id, receipt, batch);
        ForgetSend(envelope);
    }

    private static void Release(Mailbox mailbox, Envelope envelope)
    {
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
            mailbox.InHand.Remove(head.Row);
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

    private void HandOverIfAwaited(Mailbox mailbox, Envelope envelope)
    {
        // A reply belongs to whoever asked, a chat's request to whoever has the chat open.
        var key = envelope.Kind == EnvelopeKind.Reply ? envelope.Correlation : envelope.Thread;
        if ((envelope.Kind == EnvelopeKind.Reply || ChatThread.Is(key)) && AwaitingSession(mailbox.Owner.ToString(), key) is { } session)
        {
            _ = InBackgroundAsync(() => HandOverRepliesAsync(session, [key]));
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
