using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

/// <summary>An envelope as the store has it.</summary>
/// <param name="Row">Its position: lower was stored earlier.</param>
/// <param name="Receiver">Whose mailbox.</param>
/// <param name="Envelope">The envelope with its body.</param>
/// <param name="ExpiresAtMs">End of its time to live, Unix milliseconds.</param>
/// <param name="IsOrphan">Whether its sender was removed since: another agent may have the name.</param>
internal sealed record StoredEnvelope(long Row, string Receiver, Envelope Envelope, long ExpiresAtMs, bool IsOrphan);

/// <summary>An envelope that left the store, without its content.</summary>
/// <param name="Row">Its position.</param>
/// <param name="Receiver">Whose mailbox it was in.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="Id">Its id.</param>
/// <param name="Thread">Its thread.</param>
/// <param name="Kind">Request or reply.</param>
/// <param name="Correlation">For a reply the request's id.</param>
/// <param name="Size">Bytes it counted for.</param>
/// <param name="AcceptedAtMs">When the hub took it, in Unix milliseconds.</param>
internal sealed record StoredHead(long Row, string Receiver, string Sender, string Id, string Thread, EnvelopeKind Kind, string Correlation, int Size, long AcceptedAtMs)
{
    /// <summary>The lane that it belongs to.</summary>
    public LaneKey Lane => Lanes.Of(Sender, Kind, Thread, Id);

    /// <summary>The envelope without content, for the log.</summary>
    public Envelope ToEnvelope() => new() { Id = Id, From = Sender, To = Receiver, Kind = Kind, Thread = Thread, Correlation = Correlation, AcceptedAtMs = AcceptedAtMs };
}

/// <summary>Which lane an envelope belongs to.</summary>
internal static class Lanes
{
    /// <summary>Requests of one thread share a lane; one without a thread, and every reply, has its own.</summary>
    public static LaneKey Of(string sender, EnvelopeKind kind, string thread, string id) =>
        new(sender, kind == EnvelopeKind.Request && thread.Length > 0 ? "t/" + thread : "i/" + id);

    /// <summary>The lane of an envelope.</summary>
    public static LaneKey Of(Envelope envelope) => Of(envelope.From, envelope.Kind, envelope.Thread, envelope.Id);
}
