using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

internal sealed partial class Router
{
    private void SubmitRequest(Session session, Envelope envelope, Batch batch)
    {
        var outgoing = OutgoingOf(session.Address);
        Route route;
        lock (outgoing.Gate)
        {
            if (!outgoing.TryBegin(envelope.Id, session, null, out var record))
            {
                Repeat(session, outgoing, envelope, record, batch);
                return;
            }

            try
            {
                route = CheckedRoute(outgoing, envelope);
            }
            catch (ParleyException)
            {
                outgoing.Forget(envelope.Id);
                throw;
            }

            record.To = route.TargetText;
            if (envelope.WantsReply)
            {
                outgoing.Await(envelope.Id, session);
            }
        }

        envelope.To = route.TargetText;
        try
        {
            StampChain(session.Address, envelope);
        }
        catch (ParleyException)
        {
            ForgetSend(envelope);
            throw;
        }

        if (envelope.Resend)
        {
            // Only a repeated send pays for a look into the store.
            _ = InBackgroundAsync(() => DispatchUnlessStoredAsync(route, envelope));
        }
        else
        {
            Dispatch(route, envelope, batch);
        }
    }

    /// <summary>Answers a repeated id with what is known of it.</summary>
    private static void Repeat(Session session, Outgoing outgoing, Envelope envelope, OutgoingRecord record, Batch batch)
    {
        if (envelope.WantsReply)
        {
            outgoing.Await(envelope.Id, session);
        }

        foreach (var receipt in record.Events)
        {
            batch.AddReceipt(session, ToWire(record.Id, record.To, receipt));
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

        return route;
    }

    /// <summary>Writes hops and ancestry: what the sender has open is what the message may follow from.</summary>
    private void StampChain(string sender, Envelope envelope)
    {
        envelope.Hops = 0;
        envelope.Ancestry.Clear();
        var mailbox = MailboxOf(sender);
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

    /// <summary>Brings a request to a session, another node or the mailbox.</summary>
    private void Dispatch(Route route, Envelope envelope, Batch batch)
    {
        var mailbox = route.Mailbox;
        var lane = Lanes.Of(envelope);
        bool isLaneEmpty;
        lock (mailbox.Gate)
        {
            isLaneEmpty = mailbox.IsLaneEmpty(lane);
            if (!route.IsHeld && isLaneEmpty &&
                mailbox.Pick(_sessions.Of(route.Target), envelope.Thread, _room, _time.GetUtcNow()) is { } session)
            {
                Deliver(mailbox, session, envelope, row: 0, isRedelivered: envelope.Resend, batch);
                return;
            }
        }

        if (!route.IsHeld && isLaneEmpty && !_sessions.IsListening(route.Target))
        {
            DispatchElsewhere(route, envelope, batch);
        }
        else
        {
            Hold(mailbox, envelope, route.IsHeld, batch);
        }
    }

    /// <summary>Gives an envelope to a session; called under the mailbox's gate, so that numbers and frames keep one order.</summary>
    private void Deliver(Mailbox mailbox, Session session, Envelope envelope, long row, bool isRedelivered, Batch batch)
    {
        var number = session.Window.Add(envelope, row);
        if (envelope.Kind == EnvelopeKind.Request)
        {
            mailbox.Open.Add(new RequestKey(envelope.From, envelope.Id), new OpenRequest(envelope.Hops, [.. envelope.Ancestry], null));
        }

        var remaining = (long)envelope.TtlMs - (NowMs() - envelope.AcceptedAtMs);
        if (remaining != (long)envelope.TtlMs)
        {
            envelope = envelope.Clone();
            envelope.TtlMs = (ulong)Math.Max(1, remaining);
        }

        batch.AppendDelivery(session, number, envelope, isRedelivered);
    }

    private void SubmitCancel(Session session, Envelope envelope, Batch batch)
    {
        var outgoing = OutgoingOf(session.Address);
        OutgoingRecord? record;
        lock (outgoing.Gate)
        {
            record = outgoing.Find(envelope.Correlation);
        }

        envelope.To = record?.To ?? _policy.Resolve(outgoing.Agent, envelope.To).Target.ToString();
        RouteCancel(envelope, batch);
        _ = InBackgroundAsync(() => WithdrawAsync(envelope.From, envelope.Correlation));
    }

    /// <summary>Tells the listener to stop; it needs no acknowledgement, since the reply will say what came of it.</summary>
    private void RouteCancel(Envelope envelope, Batch batch)
    {
        var mailbox = MailboxOf(envelope.To);
        var isHere = false;
        foreach (var session in _sessions.Of(mailbox.Owner))
        {
            if (session.Role == SessionRole.Listen && session.IsOpen)
            {
                batch.Append(session, new Frame { Delivery = new Delivery { Envelope = envelope } });
                isHere = true;
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
            outgoing.Forget(envelope.Id);
            outgoing.EndAwait(envelope.Id);
        }
    }
}
