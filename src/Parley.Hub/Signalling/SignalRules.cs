using Google.Protobuf;
using Parley.Hub.Messaging;
using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;

namespace Parley.Hub.Signalling;

/// <summary>Who may signal to whom, and which of an agent's sessions is meant. Asked for every signal, so that a decision of an owner counts at once.</summary>
/// <param name="policy">The rules of messages: whom they reach, signals reach.</param>
internal sealed class SignalRules(MessagePolicy policy)
{
    /// <summary>Longest name of an end: the home bytes of a hello.</summary>
    public const int MaxEndBytes = 64;

    /// <summary>Refuses what cannot be a signal, whoever it is for.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.MessageTooLarge"/>.</exception>
    public static void Check(Session sender, ByteString session, ByteString toEnd, int payloadBytes, long maxPayloadBytes)
    {
        if (session.Length != SessionProof.SessionSize || toEnd.Length > MaxEndBytes || sender.Ticket.Home.IsEmpty)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A signal names a session of 16 bytes, and comes from a link that named its home.");
        }

        if (payloadBytes > maxPayloadBytes)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, $"A signal carries at most {maxPayloadBytes} bytes.");
        }
    }

    /// <summary>The agent that a sender means, if it may signal to it.</summary>
    /// <param name="sender">Who signals.</param>
    /// <param name="to">An address or a bare name.</param>
    /// <param name="isAnswer">Whether the signal is for one end, which the sender knows because that end signalled to it: an agent that was asked may answer.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentUnknown"/>, <see cref="ErrorCode.AgentAmbiguous"/>, <see cref="ErrorCode.ContactPending"/>, <see cref="ErrorCode.ContactBlocked"/>, <see cref="ErrorCode.InvalidArgument"/>.</exception>
    public AgentAddress Authorise(AgentAddress sender, string to, bool isAnswer)
    {
        if (isAnswer && AgentAddress.TryParse(to, out var asking) && policy.MayMeet(asking, sender) && !policy.IsBlocked(sender, asking))
        {
            return asking;
        }

        var (target, isHeld) = policy.ResolvePeer(sender, to);
        if (target == sender)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "An agent does not meet itself.");
        }

        return isHeld
            ? throw new ParleyException(ErrorCode.ContactPending, $"{target} has not accepted {sender} yet; its owner sees the request.")
            : target;
    }

    /// <summary>The session that takes the first signal of a peer session: the newest that said the word of the purpose.</summary>
    public static Session? AcceptorOf(ReadOnlySpan<Session> sessions, SignalPurpose purpose)
    {
        var word = PeerCapabilities.WordOf(purpose);
        Session? best = null;
        foreach (var session in sessions)
        {
            if (word is not null && session.IsOpen && !session.Ticket.Home.IsEmpty && session.Ticket.Capabilities.Contains(word) && (best is null || session.Since >= best.Since))
            {
                best = session;
            }
        }

        return best;
    }

    /// <summary>The session of one end, as long as its link stands.</summary>
    public static Session? EndOf(ReadOnlySpan<Session> sessions, ReadOnlySpan<byte> end)
    {
        foreach (var session in sessions)
        {
            if (session.IsOpen && !session.Ticket.Home.IsEmpty && session.Ticket.Home.Span.SequenceEqual(end))
            {
                return session;
            }
        }

        return null;
    }
}
