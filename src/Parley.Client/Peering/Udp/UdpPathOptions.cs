using Parley.WebRtc.Ice;

namespace Parley.Client.Peering.Udp;

/// <summary>How this machine meets others over UDP.</summary>
public sealed record UdpPathOptions
{
    /// <summary>Servers besides the hub's own STUN server.</summary>
    /// <value>None.</value>
    public IReadOnlyList<IceServer> Servers { get; init; } = [];

    /// <summary>The ports that may be bound, for a firewall that lets some through.</summary>
    /// <value>0 to 0: any that is free.</value>
    public (int First, int Last) Ports { get; init; }

    /// <summary>Only addresses at a relay are told, so that the other machine does not learn ours.</summary>
    /// <value>False.</value>
    public bool IsRelayOnly { get; init; }

    /// <summary>Payload of a datagram up to which larger ones are tried, once there is a path.</summary>
    /// <value>1,200, which tries none, to 16,421; the latter.</value>
    public int MaxDatagramBytes { get; init; } = 16_421;

    /// <summary>Without any word of the other machine for this long the path counts as broken.</summary>
    /// <value>At most 30 s (RFC 7675); 15 s.</value>
    public TimeSpan GoneAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time between two checks that the other machine is still there, plus or minus a fifth.</summary>
    /// <value>A third of <see cref="GoneAfter"/> or less; 3 s.</value>
    public TimeSpan CheckEvery { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a server's name may take to be looked up.</summary>
    /// <value>2 s.</value>
    public TimeSpan LookupTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Told what is known of every pair of addresses and of the NAT, when an attempt ends: for people who want to know.</summary>
    public Action<IceReport>? OnReport { get; init; }
}
