using Parley.Client.Peering.Udp;

namespace Parley.Client.Calls;

/// <summary>What a call sends, and what helps its browsers.</summary>
public sealed record CallOptions
{
    /// <summary>What this end sends: <c>camera</c> (and sound), <c>screen</c> (and sound) or <c>nothing</c>.</summary>
    public string Share { get; init; } = "camera";

    /// <summary>STUN and TURN servers besides the hub's STUN server.</summary>
    public IReadOnlyList<IceServer> IceServers { get; init; } = [];
}
