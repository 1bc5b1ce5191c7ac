using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

internal sealed partial class Router
{
    /// <summary>The client has these deliveries in its journal, or in the hands of whoever waits.</summary>
    public void Acknowledge(Session session, IReadOnlyList<ulong> numbers, Batch batch)
    {
        var mailbox = DeskOf(session.Address, batch).Mailbox;
        var hadRows = false;
        var nowMs = NowMs();
        foreach (var number in numbers)
        {
            Unacknowledged taken;
            lock (mailbox.Gate)
            {
                if (!session.Window.TryTake(number, out taken))
                {
                    continue;
                }

                if (taken.Row > 0)
                {
                    hadRows = true;
                    mailbox.Release(Lanes.Of(taken.Envelope), taken.Envelope.Body.Length);
                }
            }

            Finish(mailbox, taken, new ReceiptEvent(ReceiptState.Delivered, nowMs), batch, session);
        }

        if (hadRows || mailbox.HeldCount > 0)
        {
            Pump(mailbox);
        }
    }

    /// <summary>The client does not take a delivery: its sender is told why, and it is gone.</summary>
    public void Refuse(Session session, Refusal refusal, Batch batch)
    {
        var mailbox = MailboxOf(session.Address);
        Unacknowledged taken;
        lock (mailbox.Gate)
        {
            if (!session.Window.TryTake(refusal.Number, out taken))
            {
                return;
            }

            mailbox.Open.Remove(new RequestKey(taken.Envelope.From, taken.Envelope.Id));
            if (taken.Row > 0)
            {
                mailbox.Release(Lanes.Of(taken.Envelope), taken.Envelope.Body.Length);
            }
        }

        var code = ErrorMap.Of(ErrorMap.FromWireName(refusal.Code)).WireName;
        var message = refusal.Message.Length > 500 ? refusal.Message[..500] : refusal.Message;
        Finish(mailbox, taken, new ReceiptEvent(ReceiptState.Refused, NowMs(), code, message), batch, session);
    }

    /// <summary>A session came: what the mailbox holds goes to it.</summary>
    public void Attached(Session session)
    {
        if (session.Role is not (SessionRole.Listen or SessionRole.Mcp))
        {
            return;
        }

        var mailbox = MailboxOf(session.Address);
        lock (mailbox.Gate)
        {
            mailbox.PumpCursor = 0;
        }

        Pump(mailbox);
    }

    /// <summary>A session is gone: what it had not acknowledged goes to another listener, else to the store.</summary>
    public void Detached(Session session)
    {
        var mailbox = MailboxOf(session.Address);
        IReadOnlyList<Unacknowledged> left;
        lock (mailbox.Gate)
        {
            left = session.Window.TakeAll();
            mailbox.Forget(session);
            mailbox.PumpCursor = 0;
            foreach (var row in left.Where(item => item.Row > 0))
            {
                mailbox.InHand.Remove(row.Row);
            }
        }

        var outgoing = OutgoingOf(session.Address);
        lock (outgoing.Gate)
        {
            outgoing.Drop(session);
        }

        var batch = new Batch();
        foreach (var item in left.Where(item => item.Row == 0))
        {
            Reroute(mailbox, item.Envelope, batch);
        }

        batch.Flush();
        Pump(mailbox);
    }

    private void Reroute(Mailbox mailbox, Envelope envelope, Batch batch)
    {
        envelope.Resend = true;
        if (envelope.Kind == EnvelopeKind.Reply)
        {
            RouteReply(envelope, null, batch);
            return;
        }

        lock (mailbox.Gate)
        {
            if (IsLaneEmpty(mailbox, envelope) &&
                Pick(mailbox, envelope) is { } other)
            {
                Deliver(mailbox, other, envelope, row: 0, isRedelivered: true, batch);
                return;
            }
        }

        if (envelope.OnlineOnly)
        {
            // It may have reached the listener, whose acknowledgement was lost: nobody can say.
            Report(
                envelope.From,
                envelope.Id,
                new ReceiptEvent(ReceiptState.Unknown, NowMs(), ErrorMap.Of(ErrorCode.AgentOffline).WireName, "The listener went away before it acknowledged the message."),
                batch);
            return;
        }

        Hold(mailbox, envelope, isHeld: false, batch);
    }

    /// <summary>An envelope left its window for good: store, log and sender hear of it.</summary>
    private void Finish(Mailbox mailbox, Unacknowledged taken, in ReceiptEvent receipt, Batch batch, Session session)
    {
        var envelope = taken.Envelope;
        var isDelivered = receipt.State == ReceiptState.Delivered;
        if (taken.Row > 0)
        {
            var ended = receipt;
            _ = InBackgroundAsync(() => DeleteAsync(mailbox, taken, ended));
        }

        if (!Report(envelope.From, envelope.Id, receipt, batch) && taken.Row > 0)
        {
            // It came out of the store that all nodes share: its sender may be attached to any of them.
            AnnounceReceipt(envelope.From, ToWire(envelope.Id, envelope.To, receipt));
        }

        if (envelope.Kind == EnvelopeKind.Reply && isDelivered)
        {
            // The requester has its reply: the request's own record ends with it, and the session that has it knows.
            Report(envelope.To, envelope.Correlation, new ReceiptEvent(ReceiptState.Answered, receipt.AtMs), batch, knows: session);
        }

        if (isDelivered)
        {
            _log.Delivered(envelope, receipt.AtMs);
        }
        else
        {
            _log.Failed(envelope, receipt.Code);
        }
    }

    private async Task DeleteAsync(Mailbox mailbox, Unacknowledged taken, ReceiptEvent receipt)
    {
        var envelope = taken.Envelope;
        await _store.DeleteAsync(taken.Row, envelope.From, envelope.Id, envelope.To, receipt, envelope.AcceptedAtMs + (long)envelope.TtlMs);
        lock (mailbox.Gate)
        {
            mailbox.InHand.Remove(taken.Row);
        }

        AnnounceReleased(envelope.To, Lanes.Of(envelope), envelope.Body.Length);
    }
}
