namespace Parley.WebRtc.Sctp;

/// <summary>How a message is to arrive; the default is in order and without fail.</summary>
public readonly record struct SctpDelivery
{
    /// <summary>May overtake other messages of its stream.</summary>
    public bool IsUnordered { get; init; }

    /// <summary>How often a lost fragment is sent again before the message is given up; null: until it arrives (RFC 7496).</summary>
    public int? MaxRetransmits { get; init; }

    /// <summary>How long the message is worth sending, from the call of Send; null: for ever.</summary>
    public TimeSpan? Lifetime { get; init; }
}
