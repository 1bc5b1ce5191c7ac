namespace Parley.Protocol.Link;

/// <summary>What the hub says about a delivery, beside the envelope.</summary>
/// <param name="IsRedelivered">It may have been delivered before.</param>
/// <param name="AgeMs">How long the hub had it, in milliseconds; 0 when it goes on at once.</param>
/// <param name="RequestDeliveredMs">For a reply: when its request was delivered, where no receipt said so; else 0.</param>
public readonly record struct DeliveryNote(bool IsRedelivered, long AgeMs = 0, long RequestDeliveredMs = 0);
