namespace Parley.Testing.Network;

/// <summary>What happens to datagrams on their way.</summary>
/// <param name="Delay">Time of travel.</param>
public sealed record LinkQuality(TimeSpan Delay)
{
    /// <summary>10 ms, nothing lost.</summary>
    public static LinkQuality Good { get; } = new(TimeSpan.FromMilliseconds(10));

    /// <summary>Of all datagrams, how many are lost: 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Of all datagrams, how many come twice.</summary>
    public double Duplication { get; init; }

    /// <summary>Random time on top of the delay, so that datagrams overtake each other.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Larger datagrams are lost, as probes of their size are on a real path.</summary>
    public int MaxDatagramBytes { get; init; } = int.MaxValue;
}
