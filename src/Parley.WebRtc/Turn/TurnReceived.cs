using Parley.Protocol.Stun;

namespace Parley.WebRtc.Turn;

/// <summary>What a datagram from the relay was.</summary>
/// <param name="HasData">It carried data of a peer; else it was the allocation's own, or broken.</param>
/// <param name="Peer">Who sent the data.</param>
/// <param name="Offset">Where the data begins in the datagram.</param>
/// <param name="Length">Its length in bytes.</param>
public readonly record struct TurnReceived(bool HasData, TransportAddress Peer, int Offset, int Length)
{
    /// <summary>It was the allocation's own.</summary>
    public static TurnReceived Own { get; }
}
