using Parley.Gateway.Wire.V1;
using Parley.Protocol.Wire;

namespace Parley.Hub.AgentApi.Calls;

/// <summary>Something that became of a call, in the order in which it happened. The last one is <see cref="Replied"/> or <see cref="Ended"/>.</summary>
internal abstract record AgentCallEvent
{
    private AgentCallEvent()
    {
    }

    /// <summary>The message waits: the agent is offline, busy, or its owner has not accepted the caller.</summary>
    /// <param name="AwaitsContact">True when the owner must accept the caller first.</param>
    public sealed record Held(bool AwaitsContact) : AgentCallEvent;

    /// <summary>The agent's listener has the message.</summary>
    public sealed record Delivered : AgentCallEvent;

    /// <summary>The message was handed to a responder, or to a person.</summary>
    /// <param name="ByPerson">A person reads it, so no answer is to be expected soon.</param>
    public sealed record Read(bool ByPerson) : AgentCallEvent;

    /// <summary>The agent still works on it.</summary>
    public sealed record Working : AgentCallEvent;

    /// <summary>The next characters of the answer. All of them together are the answer's text, whatever was lost on the way.</summary>
    /// <param name="Text">At least one character; never half of a surrogate pair.</param>
    /// <param name="IsRest">It came with the reply, which is the next event.</param>
    public sealed record Delta(string Text, bool IsRest = false) : AgentCallEvent;

    /// <summary>A line of progress, not part of the answer.</summary>
    public sealed record Note(string Text) : AgentCallEvent;

    /// <summary>A status or an artifact that the responder told in the words of A2A. May be missing when the agent is faster than the hub: the reply has it too.</summary>
    public sealed record Update(StreamResponse Response) : AgentCallEvent;

    /// <summary>The answer. It is the agent's last word, and stays in the mailbox until <see cref="AgentCall.Acknowledge"/>.</summary>
    public sealed record Replied(Reply Reply) : AgentCallEvent;

    /// <summary>There will be no answer.</summary>
    /// <param name="State">Refused, expired, failed or unknown.</param>
    /// <param name="Code">An error code's wire name.</param>
    /// <param name="Message">A sentence for the caller.</param>
    public sealed record Ended(ReceiptState State, string Code, string Message) : AgentCallEvent;
}
