using Parley.Protocol.Stun;

namespace Parley.WebRtc.Ice;

/// <summary>A datagram that the agent wants sent.</summary>
/// <param name="Local">From which address of ours.</param>
/// <param name="Remote">Where to.</param>
/// <param name="Bytes">What.</param>
public readonly record struct IceDatagram(TransportAddress Local, TransportAddress Remote, byte[] Bytes);

/// <summary>What became of a received datagram.</summary>
/// <param name="IsData">The peer's own data, for whoever uses the connection; else the agent took or dropped it.</param>
/// <param name="Offset">Where the data begins in the datagram: beyond 0 when a relay wrapped it.</param>
/// <param name="Length">Its length in bytes.</param>
public readonly record struct IceReceived(bool IsData, int Offset, int Length)
{
    /// <summary>Nothing is to be done.</summary>
    public static IceReceived Taken { get; }
}
