using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

internal sealed partial class Router
{
    /// <summary>The one note that a listener may add to a read receipt: a person reads the message.</summary>
    private const string ShownNote = "shown";

    /// <summary>Says which replies, and which threads of chats, belong to a session, and hands over what came while nobody waited.</summary>
    public void Await(Session session, IReadOnlyList<string> ids)
    {
        var known = ids.Where(id => id.Length <= EnvelopeId.MaxLength).ToList();
        var outgoing = OutgoingOf(session.Address);
        lock (outgoing.Gate)
        {
            foreach (var id in known)
            {
                outgoing.Await(MessageKey.Of(id), session);
            }
        }

        HandOver(session, known, MostAwaited(session.Agent));
    }

    /// <summary>Passes on that a delivered request was read, or is being worked on.</summary>
    public void ReportProgress(Session session, Progress progress, Batch batch)
    {
        var mailbox = MailboxOf(session.Address);
        OpenRequest open;
        lock (mailbox.Gate)
        {
            if (!mailbox.Open.TryFind(new RequestKey(progress.To, progress.Id), out open))
            {
                return;
            }
        }

        if (progress.State == ReceiptState.Read)
        {
            var read = new ReceiptEvent(ReceiptState.Read, NowMs(), Message: progress.Note == ShownNote ? ShownNote : string.Empty);
            if (!Report(progress.To, progress.Id, read, batch))
            {
                AnnounceReceipt(progress.To, ToWire(progress.Id, session.Address, read));
            }

            return;
        }

        var working = ToWire(progress.Id, session.Address, new ReceiptEvent(ReceiptState.Unspecified, NowMs()));
        if (open.OriginNode is not null)
        {
            PublishProgress(open.OriginNode, progress.To, working);
        }
        else
        {
            TellAwaiting(progress.To, working, batch);
        }
    }

    private void TellAwaiting(string sender, Receipt receipt, Batch batch)
    {
        if (AwaitingSession(sender, receipt.Id) is { } session)
        {
            batch.AddReceipt(session, receipt.Id, receipt.To, new ReceiptEvent(receipt.State, receipt.AtMs, receipt.Code, receipt.Message));
        }
    }

    private void SubmitReply(Session session, Envelope envelope, Batch batch)
    {
        var (mine, outgoing) = DeskOf(session.Address, batch);
        // The listener answers whom it was told of; the requester may have been renamed since.
        var key = new RequestKey(envelope.To, envelope.Correlation);
        UseCurrentNames(envelope);
        OpenRequest open;
        bool wasOpen;
        lock (mine.Gate)
        {
            wasOpen = mine.Open.Remove(key, out open);
        }

        // A hub that was restarted does not know what was open.
        var isAskedFor = wasOpen || IsAskedFor(session, outgoing, envelope);
        lock (outgoing.Gate)
        {
            ref var record = ref outgoing.Begin(MessageKey.Of(envelope.Id), session, null, out var isNew);
            if (!isNew)
            {
                Repeat(session, envelope, ref record, batch);
                return;
            }

            record.To = envelope.To;
        }

        if (_budgets.CountsTokens)
        {
            _budgets.Answered(session.Agent, envelope.Body);
        }

        envelope.Hops = open.Hops;
        envelope.Ancestry.Clear();
        if (!isAskedFor)
        {
            _ = InBackgroundAsync(() => UntilStoredAsync(() => ReplyIfRequestedAsync(envelope)));
        }
        else if (envelope.Resend)
        {
            _ = InBackgroundAsync(() => UntilStoredAsync(() => ReplyUnlessStoredAsync(envelope, open.OriginNode)));
        }
        else
        {
            RouteReply(envelope, open.OriginNode, batch);
        }
    }

    /// <summary>Whether a reply to a request that is not open may go to its mailbox: nobody fills one with answers to what was never asked. False when the store has to be asked.</summary>
    /// <exception cref="ParleyException">PermissionDenied, MessagePairRate.</exception>
    private bool IsAskedFor(Session session, Outgoing outgoing, Envelope envelope)
    {
        var requester = AgentAddress.Parse(envelope.To);
        if (!_policy.MayAnswer(session.Agent, requester))
        {
            throw NotAskedFor();
        }

        lock (outgoing.Gate)
        {
            if (!outgoing.Unasked.TryTake(_options.PairRatePerSecond, _options.PairBurst, envelope.AcceptedAtMs))
            {
                throw new ParleyException(ErrorCode.MessagePairRate, $"An agent answers at most {_options.PairRatePerSecond} messages a second that the hub does not remember; send the reply again later.")
                {
                    RetryAfter = TimeSpan.FromSeconds(1),
                };
            }
        }

        // Whose messages the answering side takes it decides itself: that alone does not open the other's mailbox.
        return envelope.Resend || _policy.IsAccepted(session.Agent, requester) || AwaitingSession(envelope.To, envelope.Correlation) is not null;
    }

    /// <summary>Brings a reply on when the store has had its request.</summary>
    private async Task ReplyIfRequestedAsync(Envelope envelope)
    {
        var batch = new Batch();
        var receipts = await ReadReceipts(envelope.To, envelope.Correlation);
        if (receipts.Any(receipt => receipt.To == envelope.From))
        {
            RouteReply(envelope, null, batch);
        }
        else
        {
            EndSend(envelope, NotAskedFor(), batch);
        }

        batch.Flush();
    }

    private static ParleyException NotAskedFor() => new(ErrorCode.PermissionDenied, "This reply answers no message that the hub delivered.");

    /// <summary>Brings a reply to the session that asked, else to the mailbox.</summary>
    private void RouteReply(Envelope envelope, string? originNode, Batch batch)
    {
        var (mailbox, outgoing) = DeskOf(envelope.To, batch);
        if (AwaitingSession(outgoing, envelope.Correlation, out var inBatch) is { } session)
        {
            lock (mailbox.Gate)
            {
                // A model's session acknowledges when the model has read it, and the answering side must not wait for that: the store takes it first.
                // A session that ended meanwhile may be detached already: what it is given now, nobody takes back.
                if (session.IsOpen && session.Role != SessionRole.Mcp && _room.Fits(session))
                {
                    var deliveredMs = batch.TakeBackDelivered(inBatch, session, envelope.Correlation);
                    Deliver(mailbox, session, envelope, row: 0, isRedelivered: envelope.Resend, batch, deliveredMs);
                    return;
                }
            }
        }
        else if (originNode is not null)
        {
            _ = InBackgroundAsync(() => ForwardReplyAsync(originNode, envelope));
            return;
        }

        Hold(mailbox, envelope, isHeld: false, batch);
    }

    /// <summary>Output as it is produced: shown when somebody waits and keeps up, else dropped, since the reply has all of it.</summary>
    private void RoutePart(Envelope envelope, Batch batch)
    {
        var mine = MailboxOf(envelope.From);
        OpenRequest open;
        lock (mine.Gate)
        {
            if (!mine.Open.TryFind(new RequestKey(envelope.To, envelope.Correlation), out open))
            {
                return;
            }
        }

        if (open.OriginNode is not null)
        {
            Publish(open.OriginNode, new NodeMessage { Forward = envelope });
        }
        else
        {
            ShowPart(envelope, batch);
        }
    }

    private void ShowPart(Envelope envelope, Batch batch)
    {
        if (AwaitingSession(envelope.To, envelope.Correlation) is { } session && session.Outbox.PendingBytes < _room.MaxBytes)
        {
            batch.AppendDelivery(session, 0, envelope, default);
        }
    }

    private Session? AwaitingSession(string requester, string id) => AwaitingSession(OutgoingOf(requester), id, out _);

    private static Session? AwaitingSession(Outgoing outgoing, string id, out int inBatch)
    {
        lock (outgoing.Gate)
        {
            return outgoing.AwaitingSession(MessageKey.Of(id), out inBatch);
        }
    }
}
