using Parley.Client.HubLink;
using Parley.Protocol.Wire;

namespace Parley.Client.Mcp;

/// <summary>A message or an answer that came and was not handed over yet. The hub keeps it until it was.</summary>
/// <param name="incoming">The envelope as it came; another one when it comes again over a new connection.</param>
internal sealed class MailItem(IncomingEnvelope incoming)
{
    /// <summary>The envelope as it came last.</summary>
    public IncomingEnvelope Incoming { get; set; } = incoming;

    /// <summary>Whether a call has it in hand.</summary>
    public bool IsTaken { get; set; }

    /// <summary>The envelope.</summary>
    public Envelope Envelope => Incoming.Envelope;

    /// <summary>Whether it is an answer to a message of ours.</summary>
    public bool IsAnswer => Envelope.Kind == EnvelopeKind.Reply;

    /// <summary>What a model calls it by: for an answer the id of what it answers.</summary>
    public string Id => IsAnswer ? Envelope.Correlation : Envelope.Id;
}
