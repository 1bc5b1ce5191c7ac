using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.Wire.V1;
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
        /// <summary>What else the status says, for doors of A2A; null for nothing.</summary>
        public StatusDetail? Detail { get; init; }

        /// <summary>The state alone: content stays out of logs.</summary>
        public override string ToString() => $"Status({State})";
    }

    /// <summary>A message of several parts, complete in itself. Its text is text of the answer.</summary>
    /// <param name="Parts">Text, files, addresses and data, in order.</param>
    /// <param name="Metadata">What the message says of itself.</param>
    public sealed record PartsSaid(IReadOnlyList<Part> Parts, Struct? Metadata) : ResponderEvent
    {
        /// <summary>The number alone: content stays out of logs.</summary>
        public override string ToString() => $"PartsSaid({Parts.Count} parts)";
    }

    /// <summary>A file of the answer, whole or in pieces.</summary>
    /// <param name="Name">Name without folders.</param>
    /// <param name="MediaType">Media type, when known.</param>
    /// <param name="Bytes">The content, or its next piece.</param>
    /// <param name="Append">True: continues the artifact of this name. False: begins it, or replaces it.</param>
    /// <param name="Last">False when more pieces follow.</param>
    public sealed record ArtifactProduced(string Name, string? MediaType, Body Bytes, bool Append = false, bool Last = true) : ResponderEvent
    {
        /// <summary>True when the bytes are text that was said as such.</summary>
        public bool IsText { get; init; }
    }

    /// <summary>An artifact that is more than one file, or its next parts.</summary>
    /// <param name="Artifact">Id, and what is known or new of it.</param>
    /// <param name="Append">True: the parts go to the end of the artifact with this id. False: begins it, or replaces it.</param>
    /// <param name="Last">False when more parts follow.</param>
    public sealed record ArtifactUpdated(Artifact Artifact, bool Append = false, bool Last = true) : ResponderEvent
    {
        /// <summary>The id alone: content stays out of logs.</summary>
        public override string ToString() => $"ArtifactUpdated({Artifact.Parts.Count} parts)";
    }

    /// <summary>Calls of the sender's own tools that the model asks for: the turn ends with them.</summary>
    /// <param name="Json">A JSON array as OpenAI writes it.</param>
    public sealed record ToolsCalled(Body Json) : ResponderEvent;

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
    public sealed record Completed(int? ExitCode = null) : ResponderEvent
    {
        /// <summary>What the responder says of the answer as a whole; null for nothing.</summary>
        public Struct? Metadata { get; init; }
    }

    /// <summary>The end: there is no (full) answer. What was produced before stands in the reply all the same.</summary>
    /// <param name="Code">Why.</param>
    /// <param name="Message">One sentence that the sender may read.</param>
    public sealed record Failed(ErrorCode Code, string Message) : ResponderEvent
    {
        /// <summary>The responder's own word for the kind of failure; null for none.</summary>
        public string? OwnCode { get; init; }

        /// <summary>What else is said of it, for doors of A2A; null for nothing.</summary>
        public StatusDetail? Detail { get; init; }
    }
}

/// <summary>What a status says beyond a line of text.</summary>
/// <param name="Parts">The whole message, its text included; empty when it is the line of text alone.</param>
/// <param name="Metadata">Free JSON.</param>
public sealed record StatusDetail(IReadOnlyList<Part> Parts, Struct? Metadata)
{
    /// <summary>The number alone: content stays out of logs.</summary>
    public override string ToString() => $"StatusDetail({Parts.Count} parts)";
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
