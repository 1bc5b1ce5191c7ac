using System.Collections.Concurrent;
using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Hub.Messaging;

internal sealed partial class Router
{
    private readonly ConcurrentQueue<EndedRow> _undeleted = new();

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

                UseCurrentNames(taken.Envelope);
                if (taken.Row > 0)
                {
                    hadRows = true;
                    mailbox.Release(Lanes.Of(taken.Envelope), taken.Envelope.Body.Length);
                }
            }

            Finish(mailbox, taken, new ReceiptEvent(ReceiptState.Delivered, nowMs), batch, session);
        }

        GoOn(mailbox, session, hadRows);
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
            UseCurrentNames(taken.Envelope);
            if (taken.Row > 0)
            {
                mailbox.Release(Lanes.Of(taken.Envelope), taken.Envelope.Body.Length);
            }
        }

        var code = ErrorMap.Of(ErrorMap.FromWireName(refusal.Code)).WireName;
        var message = refusal.Message.Length > 500 ? refusal.Message[..500] : refusal.Message;
        Finish(mailbox, taken, new ReceiptEvent(ReceiptState.Refused, NowMs(), code, message), batch, session);
        GoOn(mailbox, session, taken.Row > 0);
    }

    /// <summary>There is room again: what waited for it follows.</summary>
    private void GoOn(Mailbox mailbox, Session session, bool hadRows)
    {
        if (hadRows || mailbox.HeldCount > 0)
        {
            Pump(mailbox);
        }

        if (session.Wanted.Count > 0)
        {
            HandOver(session, []);
        }
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
            mailbox.BeginAgain();
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
            foreach (var row in left.Where(item => item.Row > 0))
            {
                // Only rows that come back make the pump begin anew: callers come and go all the time.
                mailbox.BeginAgain();
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
        HandOverMissed(mailbox);
        ForgetIfGone(session.Agent);
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
    private void Finish(Mailbox mailbox, Unacknowledged taken, in ReceiptEvent receipt, Batch batch, Session? session)
    {
        var envelope = taken.Envelope;
        var isDelivered = receipt.State == ReceiptState.Delivered;
        if (taken.Row > 0)
        {
            var row = new EndedRow(mailbox, taken.Row, envelope.From, envelope.Id, envelope.To, Lanes.Of(envelope), envelope.Body.Length, receipt, envelope.AcceptedAtMs + (long)envelope.TtlMs);
            _ = InBackgroundAsync(() => DeleteAsync(row));
        }

        if (taken.Row > 0 && !isDelivered)
        {
            // Whoever waits for it may have come after the hub forgot it, or on another link.
            ReportStored(envelope.From, envelope.Id, envelope.To, receipt, batch);
        }
        else if (!Report(envelope.From, envelope.Id, receipt, batch) && taken.Row > 0)
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

    /// <summary>Deletes a row; false when the store cannot now, and the sweep is to try again.</summary>
    private async Task<bool> DeleteAsync(EndedRow ended)
    {
        try
        {
            await _store.DeleteAsync(ended.Row, ended.Sender, ended.Id, ended.Receiver, ended.Receipt, ended.ExpiresAtMs);
        }
        catch (StoreUnavailableException)
        {
            // The store says itself that it fails. The row stays in hand, so that nobody gets it a second time.
            _undeleted.Enqueue(ended);
            return false;
        }

        lock (ended.Mailbox.Gate)
        {
            ended.Mailbox.NoteDeleted(ended.Row);
        }

        AnnounceReleased(ended.Receiver, ended.Lane, ended.Size);
        return true;
    }

    /// <summary>Deletes what the store could not delete when it was acknowledged; one row shows whether it can now.</summary>
    private async Task DeleteAgainAsync()
    {
        if (!_undeleted.TryDequeue(out var first) || !await DeleteAsync(first))
        {
            return;
        }

        var rest = new List<EndedRow>();
        while (_undeleted.TryDequeue(out var next))
        {
            rest.Add(next);
        }

        await Task.WhenAll(rest.Select(DeleteAsync));
    }

    /// <summary>A row whose envelope left its window for good, without the content.</summary>
    private sealed record EndedRow(
        Mailbox Mailbox, long Row, string Sender, string Id, string Receiver, LaneKey Lane, int Size, ReceiptEvent Receipt, long ExpiresAtMs);
}
