using Parley.Hub.Identity;
using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

internal sealed partial class Router
{
    private void SubmitRequest(Session session, Envelope envelope, Batch batch)
    {
        var (mine, outgoing) = DeskOf(session.Address, batch);
        var key = MessageKey.Of(envelope.Id);
        Route route;
        lock (outgoing.Gate)
        {
            ref var record = ref outgoing.Begin(key, session, null, out var isNew);
            if (!isNew)
            {
                Repeat(session, envelope, ref record, batch);
                return;
            }

            try
            {
                route = CheckedRoute(outgoing, envelope);
            }
            catch (ParleyException)
            {
                outgoing.Forget(key);
                throw;
            }

            record.To = route.TargetText;
            record.IsAwaited = envelope.WantsReply;
        }

        envelope.To = route.TargetText;
        try
        {
            StampChain(mine, session.Address, envelope);
        }
        catch (ParleyException)
        {
            ForgetSend(envelope);
            throw;
        }

        if (envelope.Resend)
        {
            // Only a repeated send pays for a look into the store.
            _ = InBackgroundAsync(() => UntilStoredAsync(() => DispatchUnlessStoredAsync(route, envelope)));
        }
        else
        {
            Dispatch(route, envelope, batch);
        }
    }

    /// <summary>Answers a repeated id with what is known of it.</summary>
    private static void Repeat(Session session, Envelope envelope, ref OutgoingRecord record, Batch batch)
    {
        record.IsAwaited |= envelope.WantsReply;

        foreach (var receipt in record.Events.ToList())
        {
            batch.AddReceipt(session, envelope.Id, record.To, receipt);
        }
    }

    /// <summary>Finds the target and checks what the sender may do; called under the ledger's gate.</summary>
    private Route CheckedRoute(Outgoing outgoing, Envelope envelope)
    {
        var version = _policy.Version;
        if (!outgoing.Routes.TryGetValue(envelope.To, out var route) || route.Version != version)
        {
            var (target, isHeld) = _policy.Resolve(outgoing.Agent, envelope.To);
            var text = target.ToString();
            var rate = route?.Rate ?? new PairRate();
            route = new Route(target, text, MailboxOf(text), isHeld, version, rate);
            if (outgoing.Routes.Count > _options.FanOutLimit * 2)
            {
                outgoing.Routes.Clear();
            }

            outgoing.Routes[envelope.To] = route;
        }

        if (CallerAddresses.Is(outgoing.Agent))
        {
            return route;
        }

        if (!outgoing.FanOut.TryCount(route.TargetText, _options.FanOutLimit, envelope.AcceptedAtMs))
        {
            throw new ParleyException(
                ErrorCode.MessageFanOut,
                $"More than {_options.FanOutLimit} different agents were written to within {FanOutWindow.Length.TotalSeconds:0} seconds.");
        }

        if (!route.Rate.TryTake(_options.PairRatePerSecond, _options.PairBurst, envelope.AcceptedAtMs))
        {
            throw new ParleyException(
                ErrorCode.MessagePairRate,
                $"These two agents exchange more than {_options.PairRatePerSecond} messages a second.")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        }

        _budgets.Admit(outgoing.Agent);
        return route;
    }

    /// <summary>Writes hops and ancestry: what the sender has open is what the message may follow from.</summary>
    private void StampChain(Mailbox mailbox, string sender, Envelope envelope)
    {
        // Under its own address the hub passes on what follows from an event, and knows how far that has come; nobody else can have that address.
        envelope.Hops = CallerAddresses.IsHub(sender) ? envelope.Hops : 0;
        envelope.Ancestry.Clear();
        if (mailbox.Open.Count == 0 && envelope.Hops == 0)
        {
            envelope.Ancestry.Add(sender);
            return;
        }

        lock (mailbox.Gate)
        {
            if (mailbox.Open.CauseOf(envelope.Cause) is { } cause)
            {
                envelope.Hops = cause.Hops + 1;
                envelope.Ancestry.AddRange(cause.Ancestry);
            }
        }

        if (envelope.Hops >= _options.HopLimit)
        {
            throw new ParleyException(
                ErrorCode.MessageHops,
                $"This message is the {envelope.Hops + 1}th in a chain of messages that follow from one another; the limit is {_options.HopLimit}.");
        }

        envelope.Ancestry.Add(sender);
    }

    /// <summary>How long the chain is that something follows from which an agent does now: one more than the deepest request it has open.</summary>
    public int HopsOf(string agent)
    {
        var mailbox = MailboxOf(agent);
        lock (mailbox.Gate)
        {
            return mailbox.Open.CauseOf(string.Empty) is { } cause ? (int)cause.Hops + 1 : 0;
        }
    }

    /// <summary>Brings a request to a session, another node or the mailbox.</summary>
    private void Dispatch(Route route, Envelope envelope, Batch batch)
    {
        var mailbox = route.Mailbox;
        var chat = ChatThread.Is(envelope.Thread) ? AwaitingSession(route.TargetText, envelope.Thread) : null;
        bool isLaneEmpty;
        lock (mailbox.Gate)
        {
            isLaneEmpty = IsLaneEmpty(mailbox, envelope);
            if (!route.IsHeld && isLaneEmpty &&
                (chat is { IsOpen: true } && _room.Fits(chat) ? chat : Pick(mailbox, envelope)) is { } session)
            {
                Deliver(mailbox, session, envelope, row: 0, isRedelivered: envelope.Resend, batch);
                return;
            }
        }

        if (!route.IsHeld && isLaneEmpty && chat is null && !_sessions.IsListening(route.Target))
        {
            DispatchElsewhere(route, envelope, batch);
        }
        else
        {
            Hold(mailbox, envelope, route.IsHeld, batch);
        }
    }

    /// <summary>Whether nothing of the envelope's lane waits in the store; a mailbox that holds nothing is not asked for the lane's name.</summary>
    private static bool IsLaneEmpty(Mailbox mailbox, Envelope envelope) => mailbox.HeldCount == 0 || mailbox.IsLaneEmpty(Lanes.Of(envelope));

    /// <summary>Gives an envelope to a session; called under the mailbox's gate, so that numbers and frames keep one order.</summary>
    private void Deliver(
        Mailbox mailbox, Session session, Envelope envelope, long row, bool isRedelivered, Batch batch, long requestDeliveredMs = 0)
    {
        var number = session.Window.Add(envelope, row);
        if (envelope.Kind == EnvelopeKind.Request)
        {
            mailbox.Open.Add(new RequestKey(envelope.From, envelope.Id), new OpenRequest(envelope.Hops, envelope.Ancestry, null));
        }

        // What goes on at once has its whole time to live; what waited has the rest of it.
        var ageMs = 0L;
        if (row > 0 || isRedelivered)
        {
            ageMs = Math.Max(0, NowMs() - envelope.AcceptedAtMs);
            envelope = envelope.Clone();
            envelope.TtlMs = (ulong)Math.Max(1, (long)envelope.TtlMs - ageMs);
        }

        batch.AppendDelivery(session, number, envelope, new DeliveryNote(isRedelivered, ageMs, requestDeliveredMs));
    }

    /// <summary>The listener for an envelope; called under the mailbox's gate.</summary>
    private Session? Pick(Mailbox mailbox, Envelope envelope) =>
        mailbox.Pick(_sessions.Of(mailbox.Owner), envelope.Thread, _room, envelope.Thread.Length == 0 ? default : _time.GetUtcNow());

    private void SubmitCancel(Session session, Envelope envelope, Batch batch)
    {
        var outgoing = OutgoingOf(session.Address);
        bool isKnown;
        OutgoingRecord record;
        lock (outgoing.Gate)
        {
            isKnown = outgoing.TryFind(MessageKey.Of(envelope.Correlation), out record);
        }

        var (target, isHeld) = isKnown ? (record.To, false) : ResolvedCancel(outgoing.Agent, envelope.To);
        envelope.To = target;
        if (!isHeld)
        {
            RouteCancel(envelope, batch);
        }

        _ = InBackgroundAsync(() => WithdrawAsync(envelope.From, envelope.Correlation));
    }

    /// <summary>Whom a cancel is for, and whether the receiver's owner has still to accept the sender: then nothing of it was delivered that could stop.</summary>
    private (string Target, bool IsHeld) ResolvedCancel(AgentAddress sender, string target)
    {
        var (address, isHeld) = _policy.Resolve(sender, target);
        return (address.ToString(), isHeld);
    }

    /// <summary>Tells the listener to stop; it needs no acknowledgement, since the reply will say what came of it. One that does not read is not told.</summary>
    private void RouteCancel(Envelope envelope, Batch batch)
    {
        var mailbox = MailboxOf(envelope.To);
        var isHere = false;
        foreach (var session in _sessions.Of(mailbox.Owner))
        {
            if (session.Role == SessionRole.Listen && session.IsOpen)
            {
                isHere = true;
                if (session.Outbox.PendingBytes < _room.MaxBytes)
                {
                    batch.AppendDelivery(session, 0, envelope, default);
                }
            }
        }

        if (!isHere)
        {
            _ = InBackgroundAsync(() => ForwardAsync(mailbox.Owner, envelope));
        }
    }

    private void ForgetSend(Envelope envelope)
    {
        var outgoing = OutgoingOf(envelope.From);
        lock (outgoing.Gate)
        {
            outgoing.Forget(MessageKey.Of(envelope.Id));
        }
    }
}
