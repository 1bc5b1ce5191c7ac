namespace Parley.Protocol.Stun;

/// <summary>Tells protocols that share a socket apart.</summary>
public static class StunDemultiplexer
{
    /// <summary>What a datagram is, by its first byte alone.</summary>
    public static StunFraming Classify(ReadOnlySpan<byte> datagram) => datagram.IsEmpty ? StunFraming.Unknown : datagram[0] switch
    {
        <= 3 => StunFraming.Stun,
        >= 20 and <= 63 => StunFraming.Dtls,
        >= 64 and <= 79 => StunFraming.Channel,
        >= 128 and <= 191 => StunFraming.Rtp,
        _ => StunFraming.Unknown,
    };
}
