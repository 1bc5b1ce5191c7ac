using Parley.Protocol.Stun;

namespace Parley.WebRtc.Udp;

/// <summary>One datagram of a <see cref="SendBatch"/>, or several of equal size to one destination.</summary>
internal struct SendEntry
{
    /// <summary>Which socket of the driver.</summary>
    public int Socket;

    /// <summary>Where to.</summary>
    public TransportAddress Remote;

    /// <summary>Where the bytes begin in the batch.</summary>
    public int Offset;

    /// <summary>All bytes.</summary>
    public int Length;

    /// <summary>Bytes of each datagram; the last one may be shorter.</summary>
    public int SegmentBytes;

    /// <summary>How many datagrams.</summary>
    public int Segments;

    /// <summary>Must not be cut on the way.</summary>
    public bool IsProbe;

    /// <summary>Whether a datagram may be appended: all so far are equally long.</summary>
    public bool IsOpen;
}
