namespace Parley.WebRtc.Sctp.Sending;

/// <summary>A message on its way: its bytes stay until every fragment is acknowledged or given up.</summary>
internal sealed class OutgoingMessage
{
    public byte[] Buffer { get; set; } = [];

    public int Length { get; set; }

    public OutgoingStream Stream { get; set; } = null!;

    public uint ProtocolId { get; set; }

    public bool IsUnordered { get; set; }

    /// <summary>Retransmissions of a fragment after which the message is given up; negative: none does.</summary>
    public int MaxRetransmits { get; set; }

    /// <summary>When it is no longer worth sending.</summary>
    public TimeSpan ExpiresAt { get; set; }

    /// <summary>Its number in its stream, from its first fragment on.</summary>
    public ushort Ssn { get; set; }

    /// <summary>TSN of its first fragment.</summary>
    public uint FirstTsn { get; set; }

    /// <summary>Bytes that have a TSN.</summary>
    public int Sent { get; set; }

    /// <summary>Fragments that have a TSN.</summary>
    public int Fragments { get; set; }

    /// <summary>Fragments of these that the sender still keeps.</summary>
    public int Kept { get; set; }

    /// <summary>The receiver is told not to wait for it.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>No further fragment will get a TSN.</summary>
    public bool IsComplete => Sent == Length || IsAbandoned;

    /// <summary>Whether its reliability is partial.</summary>
    public bool MayBeAbandoned => MaxRetransmits >= 0 || ExpiresAt != TimeSpan.MaxValue;
}
