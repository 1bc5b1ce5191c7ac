using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Responders;

/// <summary>Something that happened while a responder worked on a message.</summary>
public abstract record ResponderEvent
{
    private ResponderEvent()
    {
    }

    /// <summary>Raw output of a command, as it comes.</summary>
    /// <param name="IsError">True for standard error.</param>
    /// <param name="Bytes">The next bytes of that stream.</param>
    public sealed record Output(bool IsError, Body Bytes) : ResponderEvent;

    /// <summary>Text of the answer.</summary>
    /// <param name="Value">The text.</param>
    /// <param name="IsDelta">True: the next piece. False: a message that is complete in itself; it may repeat what deltas before it said.</param>
    public sealed record Text(string Value, bool IsDelta) : ResponderEvent
    {
        /// <summary>The size alone: content stays out of logs.</summary>
        public override string ToString() => $"Text({Value.Length} characters)";
    }

    /// <summary>Where the work stands.</summary>
    /// <param name="State">The state; it holds until the next one.</param>
    /// <param name="Note">For working: a line of progress, not part of the answer. For the others: what is asked of the sender.</param>
    public sealed record Status(ResponderState State, string? Note = null) : ResponderEvent
    {
        /// <summary>The state alone: content stays out of logs.</summary>
        public override string ToString() => $"Status({State})";
    }

    /// <summary>A file of the answer, whole or in pieces.</summary>
    /// <param name="Name">Name without folders.</param>
    /// <param name="MediaType">Media type, when known.</param>
    /// <param name="Bytes">The content, or its next piece.</param>
    /// <param name="Append">True: continues the artifact of this name. False: begins it, or replaces it.</param>
    /// <param name="Last">False when more pieces follow.</param>
    public sealed record ArtifactProduced(string Name, string? MediaType, Body Bytes, bool Append = false, bool Last = true) : ResponderEvent;

    /// <summary>What the answer cost. Later values replace earlier ones.</summary>
    /// <param name="Model">The model's name.</param>
    /// <param name="Tokens">All tokens used.</param>
    /// <param name="InputTokens">Of these, tokens of the prompt.</param>
    /// <param name="OutputTokens">Of these, tokens of the answer.</param>
    public sealed record Usage(string? Model, long? Tokens = null, long? InputTokens = null, long? OutputTokens = null) : ResponderEvent;

    /// <summary>Parts of the answer were left out at a limit of the responder itself; the reply is marked truncated.</summary>
    /// <param name="Reason">What was left out, for the sender; no content.</param>
    public sealed record LeftOut(string Reason) : ResponderEvent;

    /// <summary>The end: the work was done.</summary>
    /// <param name="ExitCode">Of a command; 128 + n when signal n ended it.</param>
    public sealed record Completed(int? ExitCode = null) : ResponderEvent;

    /// <summary>The end: there is no (full) answer. What was produced before stands in the reply all the same.</summary>
    /// <param name="Code">Why.</param>
    /// <param name="Message">One sentence that the sender may read.</param>
    public sealed record Failed(ErrorCode Code, string Message) : ResponderEvent;
}

/// <summary>Where a responder's work on a message stands; A2A's task states map onto these and the end of the stream.</summary>
public enum ResponderState
{
    /// <summary>At work.</summary>
    Working,

    /// <summary>The work rests until the sender says more in the same thread.</summary>
    InputRequired,

    /// <summary>The work rests until the sender has authorised something elsewhere.</summary>
    AuthRequired,

    /// <summary>The responder will not do this.</summary>
    Rejected,
}
