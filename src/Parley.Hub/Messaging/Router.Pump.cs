using System.Collections.Concurrent;
using Parley.Hub.Sessions;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

internal sealed partial class Router
{
    private const int PumpBatch = 256;

    private readonly ConcurrentQueue<Action> _failedReads = new();

    /// <summary>Reads what the store has next for a mailbox, by its address and the last row that is known; a test may hold it up.</summary>
    internal Func<string, long, Task<IReadOnlyList<StoredEnvelope>>> ReadNext { get; set; }

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
        try
        {
            while (await PumpOnceAsync(mailbox))
            {
            }
        }
        catch
        {
            _failedReads.Enqueue(() => Pump(mailbox));
            throw;
        }
    }

    /// <summary>Reads again what could not be read: nothing else may come that would start it.</summary>
    private void ReadAgain()
    {
        for (var left = _failedReads.Count; left > 0 && _failedReads.TryDequeue(out var read); left--)
        {
            read();
        }
    }

    /// <summary>Brings out what one read finds; false when the pump is to rest.</summary>
    private async Task<bool> PumpOnceAsync(Mailbox mailbox)
    {
        string address;
        long after;
        int beginnings;
        lock (mailbox.Gate)
        {
            mailbox.MustPumpAgain = false;
            (address, after, beginnings) = (mailbox.Owner.ToString(), mailbox.PumpCursor, mailbox.Beginnings);
            mailbox.BeginRead();
        }

        var goesOn = false;
        var isDone = false;
        try
        {
            var found = _sessions.IsListening(mailbox.Owner) || _sessions.ReaderOf(mailbox.Owner, _room.Fits) is not null
                ? await ReadNext(address, after)
                : [];
            goesOn = DeliverStored(mailbox, found, await RefusalsOfAsync(found), beginnings) && found.Count > 0;
            isDone = true;
        }
        finally
        {
            lock (mailbox.Gate)
            {
                mailbox.EndRead();
                goesOn = isDone && (goesOn || mailbox.MustPumpAgain);
                mailbox.IsPumping = goesOn;
            }
        }

        return goesOn;
    }

    /// <summary>Opens deliveries for stored envelopes; false when the listener has no room for one of them.</summary>
    private bool DeliverStored(Mailbox mailbox, IReadOnlyList<StoredEnvelope> found, Dictionary<long, ReceiptEvent> refusals, int beginnings)
    {
        var batch = new Batch();
        var hasRoom = true;
        foreach (var stored in found)
        {
            var isRefused = refusals.TryGetValue(stored.Row, out var refusal);
            lock (mailbox.Gate)
            {
                if (mailbox.Reclaim() || mailbox.Beginnings != beginnings)
                {
                    // A session came or went meanwhile, or a sender was accepted: begin again from the front.
                    break;
                }

                if (isRefused)
                {
                    isRefused = TryTakeOut(mailbox, stored);
                }
                else if (!mailbox.InHand.Contains(stored.Row))
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
            }

            if (isRefused)
            {
                Finish(mailbox, new Unacknowledged(stored.Envelope, stored.Row), refusal, batch, session: null);
            }
        }

        batch.Flush();
        return hasRoom;
    }

    /// <summary>What is not delivered any more although it was accepted: its sender was removed since, or blocked.</summary>
    /// <remarks>Requests alone. A reply was asked for by whoever gets it, and nothing runs because of it.</remarks>
    private async Task<Dictionary<long, ReceiptEvent>> RefusalsOfAsync(IReadOnlyList<StoredEnvelope> found)
    {
        var refusals = new Dictionary<long, ReceiptEvent>();
        foreach (var stored in found.Where(item => item.Envelope.Kind == EnvelopeKind.Request))
        {
            if (await _policy.RefusalOfAsync(stored) is { } refusal)
            {
                refusals[stored.Row] = Refusal(refusal);
            }
        }

        return refusals;
    }

    /// <summary>Takes an envelope that is refused out of everybody's reach; false when a session has it. Called under the mailbox's gate.</summary>
    private static bool TryTakeOut(Mailbox mailbox, StoredEnvelope stored)
    {
        if (!mailbox.InHand.Add(stored.Row))
        {
            return false;
        }

        mailbox.Release(Lanes.Of(stored.Envelope), stored.Envelope.Body.Length);
        return true;
    }

    /// <summary>Hands a session what the store has of the ids that it asked for, as far as it has room; the rest follows its acknowledgements.</summary>
    /// <param name="session">Who gets it.</param>
    /// <param name="ids">Ids of requests, or threads of chats, that are asked for now.</param>
    /// <param name="most">How many may be asked for at once; beyond that the oldest are forgotten.</param>
    private void HandOver(Session session, IEnumerable<string> ids, int most = int.MaxValue)
    {
        lock (MailboxOf(session.Address).Gate)
        {
            foreach (var id in ids)
            {
                session.Wanted.Add(id, most);
            }

            if (session.Wanted.IsServed || session.Wanted.Count == 0)
            {
                return;
            }

            session.Wanted.IsServed = true;
        }

        _ = InBackgroundAsync(() => HandOverAsync(session));
    }

    /// <summary>One id after the other, and one reader per session: what a session asks for is never in memory all at once.</summary>
    private async Task HandOverAsync(Session session)
    {
        var mailbox = MailboxOf(session.Address);
        while (true)
        {
            string? id;
            lock (mailbox.Gate)
            {
                if (!session.IsOpen || !_room.Fits(session) || !session.Wanted.TryTake(out id))
                {
                    session.Wanted.IsServed = false;
                    return;
                }

                mailbox.BeginRead();
            }

            var isDone = false;
            try
            {
                await HandOverAsync(mailbox, session, id);
                isDone = true;
            }
            finally
            {
                lock (mailbox.Gate)
                {
                    mailbox.EndRead();
                    session.Wanted.IsServed = isDone;
                    if (!isDone)
                    {
                        session.Wanted.Add(id, int.MaxValue);
                    }
                }

                if (!isDone)
                {
                    _failedReads.Enqueue(() => HandOver(session, []));
                }
            }
        }
    }

    /// <summary>Hands over one id's envelopes, page by page.</summary>
    private async Task HandOverAsync(Mailbox mailbox, Session session, string id)
    {
        var after = 0L;
        while (true)
        {
            var address = mailbox.Owner.ToString();
            var found = ChatThread.Is(id)
                ? await _store.OfThreadAsync(address, id, after, PumpBatch, _room.MaxBytes, NowMs())
                : await _store.RepliesAsync(address, id, after, PumpBatch, _room.MaxBytes, NowMs());
            if (found.Count == 0 || !HandOver(mailbox, session, id, found, await RefusalsOfAsync(found)))
            {
                return;
            }

            after = found[^1].Row;
        }
    }

    /// <summary>Opens deliveries for what was found of an id; false when the session has no room for one of them, and waits for the id again.</summary>
    private bool HandOver(Mailbox mailbox, Session session, string id, IReadOnlyList<StoredEnvelope> found, Dictionary<long, ReceiptEvent> refusals)
    {
        var batch = new Batch();
        var hasRoom = true;
        foreach (var stored in found)
        {
            var isRefused = refusals.TryGetValue(stored.Row, out var refusal);
            lock (mailbox.Gate)
            {
                if (isRefused)
                {
                    isRefused = TryTakeOut(mailbox, stored);
                }
                else if (!mailbox.InHand.Contains(stored.Row))
                {
                    if (!session.IsOpen || !_room.Fits(session))
                    {
                        session.Wanted.Add(id, int.MaxValue);
                        hasRoom = false;
                        break;
                    }

                    mailbox.HandOut(session, stored.Row);
                    Deliver(mailbox, session, stored.Envelope, stored.Row, isRedelivered: true, batch);
                }
                else
                {
                    // Another session has it, which may be the older self of this one, about to be detached.
                    session.Wanted.Miss(id, _options.DeliveryWindow);
                }
            }

            if (isRefused)
            {
                Finish(mailbox, new Unacknowledged(stored.Envelope, stored.Row), refusal, batch, session: null);
            }
        }

        batch.Flush();
        return hasRoom;
    }

    /// <summary>Rows of a mailbox are in nobody's hand any more: its sessions get what they missed because of that.</summary>
    private void HandOverMissed(Mailbox mailbox)
    {
        foreach (var session in _sessions.Of(mailbox.Owner))
        {
            IReadOnlyCollection<string> missed;
            lock (mailbox.Gate)
            {
                missed = session.Wanted.TakeMissed();
            }

            if (missed.Count > 0)
            {
                HandOver(session, missed);
            }
        }
    }

    private void HandOverIfAwaited(Mailbox mailbox, Envelope envelope)
    {
        // A reply belongs to whoever asked, a chat's request to whoever has the chat open.
        var key = envelope.Kind == EnvelopeKind.Reply ? envelope.Correlation : envelope.Thread;
        if ((envelope.Kind == EnvelopeKind.Reply || ChatThread.Is(key)) && AwaitingSession(mailbox.Owner.ToString(), key) is { } session)
        {
            HandOver(session, [key]);
        }
    }
}
