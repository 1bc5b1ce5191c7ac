namespace Parley.WebRtc.Sctp.Sending;

/// <summary>A fragment that has a TSN and is not yet acknowledged in order.</summary>
internal struct OutstandingChunk
{
    public OutgoingMessage Message;

    /// <summary>Where it begins in its message.</summary>
    public int Offset;

    public int Length;

    /// <summary>Begin, end and unordered, as in the chunk.</summary>
    public byte Flags;

    public ChunkFate Fate;

    /// <summary>Times that it was sent again.</summary>
    public int Retransmits;

    /// <summary>The packet that carried it last: packets are counted, so what left together and what left later is known whatever the clock's grain.</summary>
    public long Packet;

    public TimeSpan SentAt;

    /// <summary>Neighbours in the list that it is in, as TSNs.</summary>
    public uint Previous;

    public uint Next;
}

/// <summary>What is known of an outstanding chunk.</summary>
internal enum ChunkFate : byte
{
    /// <summary>Sent, nothing heard.</summary>
    InFlight,

    /// <summary>To be sent again.</summary>
    Lost,

    /// <summary>Received, with something missing before it.</summary>
    Received,

    /// <summary>Not sent again: its message was given up.</summary>
    Abandoned,
}
