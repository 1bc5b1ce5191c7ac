namespace Parley.WebRtc.Udp;

/// <summary>Which sockets a driver opens, and what they may use.</summary>
public sealed record UdpOptions
{
    /// <summary>Loopback addresses get sockets too: for two agents on one machine.</summary>
    /// <value>False.</value>
    public bool IsLoopbackAllowed { get; init; }

    /// <summary>Addresses that get a socket, at most; the best ones are kept.</summary>
    /// <value>1 to 64; 16.</value>
    public int MaxAddresses { get; init; } = 16;

    /// <summary>The ports that may be bound, for a firewall that lets some through.</summary>
    /// <value>0 to 0: any that is free.</value>
    public (int First, int Last) Ports { get; init; }

    /// <summary>What the kernel is asked to keep for a socket in each direction; it may grant less.</summary>
    /// <value>4 MiB: more than one turn of the driver brings or takes.</value>
    public int SocketBufferBytes { get; init; } = 4 << 20;

    /// <summary>The kernel cuts one buffer into equal datagrams and joins received ones, where it can.</summary>
    /// <value>True.</value>
    public bool IsSegmentationAllowed { get; init; } = true;

    /// <summary>Batched system calls, where the system has them; else one call for each datagram.</summary>
    /// <value>True.</value>
    public bool IsBatchingAllowed { get; init; } = true;
}
