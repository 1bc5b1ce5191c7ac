using Parley.Protocol.Wire;

namespace Parley.Hub.Connections.Log;

/// <summary>One agent's view of one message, on its way into the log.</summary>
/// <param name="Message">The message.</param>
/// <param name="IsOutgoing">Whether the agent is its sender.</param>
/// <param name="ConnectionId">The connection that brought it, or whose message it answers.</param>
/// <param name="Status"><c>sent</c>, <c>delivered</c> or <c>failed</c>.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="LatencyMs">Milliseconds from its acceptance to its delivery.</param>
/// <param name="Content">What it says, where the log keeps that; null otherwise.</param>
internal sealed record LogRow(MessageHead Message, bool IsOutgoing, string? ConnectionId, string Status, string Error, long LatencyMs, string? Content)
{
    /// <summary>Whose view it is.</summary>
    public string Agent => IsOutgoing ? Message.From : Message.To;

    /// <summary>The other side.</summary>
    public string Peer => IsOutgoing ? Message.To : Message.From;

    /// <summary>Whose agent that is.</summary>
    public string Owner => OwnerOf(Agent);

    /// <summary>The owner in an address's text.</summary>
    public static string OwnerOf(string address) => address.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? address[..dot] : address;
}

/// <summary>What the log keeps of an envelope: nothing of its body, which must not wait in the log's queue.</summary>
/// <param name="Id">Its id.</param>
/// <param name="From">The sender.</param>
/// <param name="To">The receiver.</param>
/// <param name="Type">What it is, in a word.</param>
/// <param name="Thread">The conversation.</param>
/// <param name="Correlation">For a reply the request's id.</param>
/// <param name="AcceptedAtMs">When the hub took it, in Unix milliseconds.</param>
internal sealed record MessageHead(string Id, string From, string To, string Type, string Thread, string Correlation, long AcceptedAtMs)
{
    /// <summary>The head of an envelope.</summary>
    public static MessageHead Of(Envelope envelope) =>
        new(envelope.Id, envelope.From, envelope.To, TypeOf(envelope), envelope.Thread, envelope.Correlation, envelope.AcceptedAtMs);

    private static string TypeOf(Envelope envelope) =>
        envelope.Kind == EnvelopeKind.Reply ? "reply" : envelope.Type switch
        {
            MessageType.Text => "text",
            MessageType.Command => "command",
            MessageType.File => "file",
            MessageType.Rpc => "rpc",
            _ => "auto",
        };
}
