namespace Parley.WebRtc.Sctp.Sending;

/// <summary>Our direction of one stream: what waits in it, and its turn among the others.</summary>
internal sealed class OutgoingStream(ushort id)
{
    /// <summary>Weight of a stream whose owner said nothing (RFC 8831, section 6.4: normal).</summary>
    public const int NormalWeight = 256;

    public ushort Id => id;

    public Queue<OutgoingMessage> Waiting { get; } = new();

    /// <summary>Bytes without a TSN.</summary>
    public long Bytes { get; set; }

    /// <summary>Number of the next ordered message.</summary>
    public ushort NextSsn { get; set; }

    /// <summary>Being reset: takes nothing new.</summary>
    public bool IsResetting { get; set; }

    /// <summary>Share of the path beside the other streams.</summary>
    public int Weight { get; set; } = NormalWeight;

    /// <summary>How far the stream has come: bytes taken, divided by weight. The least is next.</summary>
    public long Pass { get; set; }
}
