namespace Parley.Testing.Network;

/// <summary>What a <see cref="LossyPath"/> does to packets; the default is a perfect one.</summary>
public sealed record PathConditions
{
    /// <summary>Time that every packet takes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Up to this much more, at random; packets may overtake each other.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Share of packets that vanish, 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Share of packets that arrive twice.</summary>
    public double Duplication { get; init; }

    /// <summary>Share of packets that take one and a half times the delay, and 2 ms, more.</summary>
    public double Reordering { get; init; }

    /// <summary>Share of packets of which one bit is flipped.</summary>
    public double Corruption { get; init; }

    /// <summary>Larger packets vanish.</summary>
    public int MaxPacketBytes { get; init; } = int.MaxValue;

    /// <summary>Bytes a second; 0: no limit.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>Bytes that wait for a limited rate; what comes when they are full vanishes.</summary>
    public int QueueBytes { get; init; } = 256 << 10;
}
