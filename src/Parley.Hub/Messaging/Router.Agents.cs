using Microsoft.Data.Sqlite;
using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

internal sealed partial class Router
{
    /// <summary>An agent has another name: what memory keeps under the old one belongs to the new one, and what is still under way finds it by either.</summary>
    public void Rename(AgentAddress from, AgentAddress to)
    {
        var (old, current) = (from.ToString(), to.ToString());
        var mailbox = MailboxOf(old);
        lock (mailbox.Gate)
        {
            mailbox.RenameTo(to);
            mailbox.BeginAgain();
        }

        _mailboxes[current] = mailbox;
        var outgoing = OutgoingOf(old);
        lock (outgoing.Gate)
        {
            outgoing.RenameTo(to);
        }

        _outgoing[current] = outgoing;
        Interlocked.Increment(ref _names);
        foreach (var other in _mailboxes.Values.Distinct())
        {
            lock (other.Gate)
            {
                other.RenameSender(old, current);
            }
        }

        // What was on its way into the store came there under the new name, and found nobody of it.
        Pump(mailbox);
    }

    /// <summary>A name that an agent gave up has a new owner, who starts with nothing of it.</summary>
    public void ForgetFormer(AgentAddress address)
    {
        var text = address.ToString();
        if (_mailboxes.TryGetValue(text, out var mailbox) && mailbox.Owner != address)
        {
            _mailboxes.TryRemove(text, out _);
            _outgoing.TryRemove(text, out _);
            Interlocked.Increment(ref _names);
        }
    }

    /// <summary>Deletes what waits for an agent, in the commit that removes it: whoever has its name next gets none of it. What it gives tells the senders, after the commit.</summary>
    public Action Remove(SqliteConnection connection, AgentAddress address)
    {
        var receipt = Refusal(Removed(address));
        var heads = MailboxStore.Remove(connection, address, receipt, receipt.AtMs + (long)_options.DefaultTimeToLive.TotalMilliseconds);
        return () =>
        {
            ReportRemoved(heads, receipt);
            ForgetIfGone(address);
        };
    }

    /// <summary>An agent was removed, here or by another node: memory keeps nothing of it for whoever has its name next. Its sessions have ended.</summary>
    public void ForgetAgent(AgentAddress address)
    {
        var text = address.ToString();
        var mailbox = MailboxOf(text);
        var left = new List<Unacknowledged>();
        lock (mailbox.Gate)
        {
            foreach (var session in _sessions.Of(address))
            {
                left.AddRange(session.Window.TakeAll());
            }

            mailbox.InHand.ExceptWith(left.Select(item => item.Row));
            mailbox.ForgetAgent();
        }

        _outgoing.TryRemove(text, out _);
        Interlocked.Increment(ref _names);
        var batch = new Batch();
        var receipt = Refusal(Removed(address));
        foreach (var item in left.Where(item => item.Row == 0))
        {
            Report(item.Envelope.From, item.Envelope.Id, receipt, batch);
            _log.Failed(item.Envelope, receipt.Code);
        }

        batch.Flush();
        ForgetIfGone(address);
    }

    /// <summary>Visitors come and go all the time: of an agent that is gone, and has nothing under way, memory keeps nothing.</summary>
    private void ForgetIfGone(AgentAddress address)
    {
        if (_policy.IsThere(address))
        {
            return;
        }

        var text = address.ToString();
        if (_mailboxes.TryGetValue(text, out var mailbox))
        {
            lock (mailbox.Gate)
            {
                if (mailbox.Owner != address || !mailbox.IsEmpty)
                {
                    return;
                }
            }

            _mailboxes.TryRemove(KeyValuePair.Create(text, mailbox));
        }

        _outgoing.TryRemove(text, out _);
        Interlocked.Increment(ref _names);
    }

    private void ReportRemoved(IReadOnlyList<StoredHead> heads, ReceiptEvent receipt)
    {
        var batch = new Batch();
        foreach (var head in heads)
        {
            var mailbox = MailboxOf(head.Receiver);
            lock (mailbox.Gate)
            {
                if (!mailbox.InHand.Add(head.Row))
                {
                    // It was acknowledged before its receiver was removed, and is counted and reported as that.
                    continue;
                }
            }

            ReleaseRow(head);
            ReportStored(head.Sender, head.Id, head.Receiver, receipt, batch);
            _log.Failed(head.ToEnvelope(), receipt.Code);
        }

        batch.Flush();
    }

    private static ParleyException Removed(AgentAddress address) => new(ErrorCode.AgentUnknown, $"{address} was removed.");

    /// <summary>Writes today's names over those of an envelope that was under way while an agent was renamed.</summary>
    private void UseCurrentNames(Envelope envelope)
    {
        if (_policy.HasFormerNames)
        {
            envelope.From = _policy.CurrentOf(envelope.From);
            envelope.To = _policy.CurrentOf(envelope.To);
        }
    }
}
