using Parley.Protocol.Wire;

namespace Parley.Client.HubLink;

/// <summary>What a link tells its user. Calls come one after another on the link's reader and must not block it.</summary>
public interface ILinkEvents
{
    /// <summary>An envelope came. It stays the hub's until <see cref="HubLink.Acknowledge"/>; parts and cancellations need none.</summary>
    void OnDelivery(IncomingEnvelope incoming);

    /// <summary>Something became of an envelope that this link sent.</summary>
    void OnReceipt(Receipt receipt);

    /// <summary>The link stands, for the first time or again.</summary>
    void OnConnected(Welcome welcome);

    /// <summary>The link broke and is being dialled again.</summary>
    void OnDisconnected(string reason);
}

/// <summary>An envelope as it came over a link.</summary>
/// <param name="Envelope">The envelope with its body.</param>
/// <param name="Number">The hub's number for the delivery, 0 when it needs no acknowledgement.</param>
/// <param name="Generation">Which connection it came over; an acknowledgement is good on that one alone.</param>
/// <param name="IsRedelivered">Whether it may have come before.</param>
public sealed record IncomingEnvelope(Envelope Envelope, ulong Number, int Generation, bool IsRedelivered);
