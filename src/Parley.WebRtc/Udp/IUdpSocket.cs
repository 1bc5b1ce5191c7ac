using Parley.Protocol.Stun;

namespace Parley.WebRtc.Udp;

/// <summary>One bound socket of a driver.</summary>
internal interface IUdpSocket : IDisposable
{
    /// <summary>The address that it is bound to.</summary>
    TransportAddress Local { get; }

    /// <summary>After a wait: whether something may be there to be received.</summary>
    bool IsReadable { get; }

    /// <summary>After a wait: whether it takes more, when it was asked for.</summary>
    bool IsWritable { get; }

    /// <summary>Whether it took no more when it was last sent to; the wait then looks whether it does again. The driver's, under its lock.</summary>
    bool IsBlocked { get; set; }

    /// <summary>The largest datagram of several that may be handed over as one buffer; 0 = none.</summary>
    int MaxSegmentBytes { get; }

    /// <summary>Receives what is there, at most what the batch has room for, without waiting.</summary>
    /// <returns>How many buffers were filled.</returns>
    int Receive(ReceiveBatch batch);

    /// <summary>Sends entries of this socket, from the first one on, without waiting.</summary>
    /// <returns>How many were sent, and what the system said to the one after them.</returns>
    (int Sent, SendError Error) Send(SendBatch batch, int first, int count);
}
