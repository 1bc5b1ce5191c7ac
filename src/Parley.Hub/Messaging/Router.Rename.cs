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
            mailbox.PumpCursor = 0;
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
