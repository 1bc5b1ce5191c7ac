using Parley.Protocol.Stun;

namespace Parley.WebRtc.Ice;

/// <summary>The path that data takes: which addresses a datagram bears, and whether it must be wrapped for a relay.</summary>
/// <param name="Local">Address of ours that datagrams leave from.</param>
/// <param name="Remote">Address that datagrams go to: the peer's, or our relay's.</param>
/// <param name="LocalType">What kind of candidate ours is.</param>
/// <param name="RemoteType">What kind the peer's is.</param>
/// <param name="IsWrapped">Data goes through our relay, wrapped by the agent first.</param>
public sealed record IceRoute(TransportAddress Local, TransportAddress Remote, IceCandidateType LocalType, IceCandidateType RemoteType, bool IsWrapped)
{
    /// <summary>A relay of either side is in between.</summary>
    public bool IsRelayed => LocalType == IceCandidateType.Relayed || RemoteType == IceCandidateType.Relayed;
}
