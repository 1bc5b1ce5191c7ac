using Parley.Protocol.Stun;

namespace Parley.WebRtc.Udp;

/// <summary>A state machine over datagrams, as the driver of sockets runs it: one thread at a time, everything it needs to know handed in, everything it wants to say taken out.</summary>
public interface IDatagramMachine
{
    /// <summary>When <see cref="HandleTimeout"/> is next due, on the clock of the caller; null = never, as things are.</summary>
    TimeSpan? NextTimeout { get; }

    /// <summary>Takes a datagram. A few that have arrived together go in before the next <see cref="Poll"/>, so that they are acknowledged together.</summary>
    /// <param name="datagram">Its payload.</param>
    /// <param name="local">The address of the socket that it came to.</param>
    /// <param name="remote">Where it came from.</param>
    /// <param name="now">The time since the origin of the caller's clock.</param>
    void Receive(ReadOnlySpan<byte> datagram, TransportAddress local, TransportAddress remote, TimeSpan now);

    /// <summary>Writes the next datagram to send. Called until it gives 0, after every other call.</summary>
    /// <param name="destination">At least 65,507 bytes.</param>
    /// <param name="local">The socket to send it from.</param>
    /// <param name="remote">Where to.</param>
    /// <param name="isProbe">Whether it looks for the size that the path carries, so that it must not be cut on the way; any other datagram may be.</param>
    /// <param name="now">The time since the origin of the caller's clock.</param>
    /// <returns>Its length; 0 = nothing to send now.</returns>
    int Poll(Span<byte> destination, out TransportAddress local, out TransportAddress remote, out bool isProbe, TimeSpan now);

    /// <summary>The time has passed.</summary>
    void HandleTimeout(TimeSpan now);

    /// <summary>The system refused to send: no route, an address that went away, a message too long for the interface.</summary>
    void SendFailed(TransportAddress local, TransportAddress remote, string reason, TimeSpan now);
}
