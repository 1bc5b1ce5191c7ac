using Google.Protobuf;
using Parley.Hub.Backplane;
using Parley.Hub.Sessions;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

internal sealed partial class Router
{
    /// <summary>Listens to the other nodes until the result is disposed.</summary>
    public async Task<IAsyncDisposable> JoinBackplaneAsync(CancellationToken cancellationToken)
    {
        var own = await _backplane.SubscribeAsync(Topics.Node(_node.Value), Receive, cancellationToken);
        var all = await _backplane.SubscribeAsync(Topics.All, Receive, cancellationToken);
        return new Subscriptions(own, all);
    }

    /// <summary>Tells the other nodes that an agent has a listener, or another session of which there is one, here now: an older one elsewhere ends. Envelopes go to listeners alone.</summary>
    public async Task AnnounceAttachedAsync(SessionTicket ticket, CancellationToken cancellationToken)
    {
        if (ticket.Role == SessionRole.Listen)
        {
            await _backplane.SetPresenceAsync(ticket.Agent, new Presence(_node.Value, ticket.Epoch), cancellationToken);
        }

        var attached = new SessionAttached { Agent = ticket.Agent.ToString(), Role = ticket.Role, Epoch = ticket.Epoch, Share = ticket.IsShared };
        await PublishAsync(Topics.All, new NodeMessage { Attached = attached });
    }

    /// <summary>Tells the other nodes that the listener is gone.</summary>
    public ValueTask AnnounceDetachedAsync(SessionTicket ticket, CancellationToken cancellationToken) => ticket.Role == SessionRole.Listen
        ? _backplane.RemovePresenceAsync(ticket.Agent, new Presence(_node.Value, ticket.Epoch), cancellationToken)
        : ValueTask.CompletedTask;

    /// <summary>Tells the other nodes to read an agent again.</summary>
    public void AnnounceAgentChanged(AgentAddress address) =>
        _ = InBackgroundAsync(async () => await PublishAsync(Topics.All, new NodeMessage { AgentChanged = new AgentChanged { Address = address.ToString() } }));

    /// <summary>Tells the other nodes to read a contact again.</summary>
    public void AnnounceContactChanged(string owner, string senderOwner, string senderName)
    {
        var changed = new ContactChanged { Owner = owner, SenderOwner = senderOwner, SenderName = senderName };
        _ = InBackgroundAsync(async () => await PublishAsync(Topics.All, new NodeMessage { ContactChanged = changed }));
    }

    /// <summary>Stores what another node was given and did not report on in time; called every second.</summary>
    public void StoreUnreported()
    {
        var deadline = NowMs() - (long)_options.NodeTimeout.TotalMilliseconds;
        var batch = new Batch();
        foreach (var outgoing in _outgoing.Values)
        {
            IReadOnlyList<Envelope> late;
            lock (outgoing.Gate)
            {
                late = outgoing.TakeForwardedBefore(deadline);
            }

            foreach (var envelope in late)
            {
                Hold(MailboxOf(envelope.To), envelope, isHeld: false, batch);
            }
        }

        batch.Flush();
    }

    private void DispatchElsewhere(Route route, Envelope envelope, Batch batch)
    {
        var finding = _backplane.FindPresenceAsync(route.Target, CancellationToken.None);
        if (finding.IsCompletedSuccessfully)
        {
            DispatchTo(finding.Result, route, envelope, batch);
            return;
        }

        _ = InBackgroundAsync(async () =>
        {
            var later = new Batch();
            DispatchTo(await finding, route, envelope, later);
            later.Flush();
        });
    }

    private void DispatchTo(Presence? presence, Route route, Envelope envelope, Batch batch)
    {
        if (presence is null || presence.Node == _node.Value)
        {
            Hold(route.Mailbox, envelope, route.IsHeld, batch);
            return;
        }

        NoteForwarded(envelope);
        Publish(presence.Node, new NodeMessage { Forward = envelope });
    }

    /// <summary>Until the other node reports on it, the envelope is kept here to be stored.</summary>
    private void NoteForwarded(Envelope envelope)
    {
        var outgoing = OutgoingOf(envelope.From);
        lock (outgoing.Gate)
        {
            outgoing.Forward(MessageKey.Of(envelope.Id), envelope, NowMs());
        }
    }

    /// <summary>Sends a reply to the node where its requester asked; nobody there means the store.</summary>
    private async Task ForwardReplyAsync(string node, Envelope envelope)
    {
        NoteForwarded(envelope);
        if (await PublishAsync(Topics.Node(node), new NodeMessage { Forward = envelope }) == 0)
        {
            var outgoing = OutgoingOf(envelope.From);
            lock (outgoing.Gate)
            {
                outgoing.Forward(MessageKey.Of(envelope.Id), null, 0);
            }

            var batch = new Batch();
            Hold(MailboxOf(envelope.To), envelope, isHeld: false, batch);
            batch.Flush();
        }
    }

    private async Task ForwardAsync(AgentAddress target, Envelope envelope)
    {
        if (await _backplane.FindPresenceAsync(target, CancellationToken.None) is { } presence && presence.Node != _node.Value)
        {
            await PublishAsync(Topics.Node(presence.Node), new NodeMessage { Forward = envelope });
        }
    }

    private void Receive(ReadOnlyMemory<byte> bytes)
    {
        var message = NodeMessage.Parser.ParseFrom(bytes.Span);
        if (message.Origin == _node.Value)
        {
            return;
        }

        var batch = new Batch();
        switch (message.BodyCase)
        {
            case NodeMessage.BodyOneofCase.Forward:
                TakeForwarded(message.Origin, message.Forward, batch);
                break;
            case NodeMessage.BodyOneofCase.Receipts:
                foreach (var receipt in message.Receipts.Items)
                {
                    Report(message.Receipts.Sender, receipt.Id, new ReceiptEvent(receipt.State, receipt.AtMs, receipt.Code, receipt.Message), batch);
                }

                break;
            case NodeMessage.BodyOneofCase.MailboxChanged:
                TakeMailboxChanged(message.MailboxChanged);
                break;
            case NodeMessage.BodyOneofCase.MailboxReleased:
                TakeMailboxReleased(message.MailboxReleased);
                break;
            case NodeMessage.BodyOneofCase.Attached:
                EndOlder(message.Attached);
                break;
            case NodeMessage.BodyOneofCase.Progress:
                TellAwaiting(message.Progress.Sender, message.Progress.Receipt, batch);
                break;
            case NodeMessage.BodyOneofCase.AgentChanged:
                _policy.Reload(message.AgentChanged.Address);
                break;
            case NodeMessage.BodyOneofCase.ContactChanged:
                _policy.ReloadContact(message.ContactChanged.Owner, message.ContactChanged.SenderOwner, message.ContactChanged.SenderName);
                break;
            default:
                break;
        }

        batch.Flush();
    }

    private void TakeForwarded(string origin, Envelope envelope, Batch batch)
    {
        switch (envelope.Kind)
        {
            case EnvelopeKind.Part:
                ShowPart(envelope, batch);
                return;
            case EnvelopeKind.Cancel:
                RouteCancel(envelope, batch);
                return;
        }

        var outgoing = OutgoingOf(envelope.From);
        lock (outgoing.Gate)
        {
            ref var record = ref outgoing.Begin(MessageKey.Of(envelope.Id), null, origin, out var isNew);
            if (!isNew)
            {
                foreach (var receipt in record.Events.ToList())
                {
                    PublishReceipt(origin, envelope.From, ToWire(envelope.Id, record.To, receipt));
                }

                return;
            }

            record.To = envelope.To;
        }

        if (envelope.Kind == EnvelopeKind.Reply)
        {
            RouteReply(envelope, null, batch);
            return;
        }

        var mailbox = MailboxOf(envelope.To);
        lock (mailbox.Gate)
        {
            if (IsLaneEmpty(mailbox, envelope) &&
                Pick(mailbox, envelope) is { } session)
            {
                Deliver(mailbox, session, envelope, row: 0, isRedelivered: envelope.Resend, batch);
                mailbox.Open.SetOrigin(new RequestKey(envelope.From, envelope.Id), origin);
                return;
            }
        }

        Hold(mailbox, envelope, isHeld: false, batch);
    }

    private void TakeMailboxChanged(MailboxChanged change)
    {
        var mailbox = MailboxOf(change.Receiver);
        if (change.IsReply)
        {
            if (AwaitingSession(change.Receiver, change.Correlation) is { } session)
            {
                HandOver(session, [change.Correlation]);
            }

            return;
        }

        lock (mailbox.Gate)
        {
            if (change.Sender.Length > 0)
            {
                mailbox.Count(new LaneKey(change.Sender, change.Lane), change.Size, 1);
            }
            else
            {
                mailbox.BeginAgain();
            }
        }

        Pump(mailbox);
    }

    private void TakeMailboxReleased(MailboxReleased released)
    {
        var mailbox = MailboxOf(released.Receiver);
        lock (mailbox.Gate)
        {
            mailbox.Release(new LaneKey(released.Sender, released.Lane), released.Size);
        }
    }

    private void EndOlder(SessionAttached attached)
    {
        var newer = new SessionTicket(string.Empty, AgentAddress.Parse(attached.Agent), attached.Role, attached.Epoch, attached.Share, default, string.Empty);
        foreach (var session in _sessions.Of(newer.Agent))
        {
            if (session.Ticket.Epoch < newer.Epoch && SessionDirectory.Replaces(newer, session.Ticket))
            {
                session.End(Goodbyes.Replaced());
            }
        }
    }

    /// <summary>Store, then publish: the node that has the listener drains on this notice.</summary>
    private void AnnounceMailbox(Mailbox mailbox, Envelope? envelope)
    {
        var changed = new MailboxChanged { Receiver = mailbox.Owner.ToString() };
        if (envelope is not null)
        {
            changed.Sender = envelope.From;
            changed.Lane = Lanes.Of(envelope).Thread;
            changed.Size = (uint)envelope.Body.Length;
            changed.IsReply = envelope.Kind == EnvelopeKind.Reply;
            changed.Correlation = envelope.Correlation;
        }

        _ = InBackgroundAsync(async () => await PublishAsync(Topics.All, new NodeMessage { MailboxChanged = changed }));
    }

    /// <summary>The other nodes count what the store holds too, since it closes lanes: they are told what left it.</summary>
    private void AnnounceReleased(string receiver, LaneKey lane, int size)
    {
        var released = new MailboxReleased { Receiver = receiver, Sender = lane.Sender, Lane = lane.Thread, Size = (uint)size };
        _ = InBackgroundAsync(async () => await PublishAsync(Topics.All, new NodeMessage { MailboxReleased = released }));
    }

    /// <summary>Tells all nodes what became of an envelope: the one that has its sender passes it on, the others know nothing of it.</summary>
    private void AnnounceReceipt(string sender, Receipt receipt)
    {
        var message = new NodeMessage { Receipts = new NodeReceipts { Sender = sender, Items = { receipt } } };
        _ = InBackgroundAsync(async () => await PublishAsync(Topics.All, message));
    }

    private void PublishReceipt(string node, string sender, Receipt receipt) =>
        Publish(node, new NodeMessage { Receipts = new NodeReceipts { Sender = sender, Items = { receipt } } });

    private void PublishProgress(string node, string sender, Receipt receipt) =>
        Publish(node, new NodeMessage { Progress = new NodeProgress { Sender = sender, Receipt = receipt } });

    private void Publish(string node, NodeMessage message) =>
        _ = InBackgroundAsync(async () => await PublishAsync(Topics.Node(node), message));

    private ValueTask<int> PublishAsync(Topic topic, NodeMessage message)
    {
        message.Origin = _node.Value;
        return _backplane.PublishAsync(topic, message.ToByteArray(), CancellationToken.None);
    }

    private sealed class Subscriptions(params IAsyncDisposable[] inner) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var subscription in inner)
            {
                await subscription.DisposeAsync();
            }
        }
    }
}
