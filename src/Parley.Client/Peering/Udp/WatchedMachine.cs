using Parley.Protocol.Stun;
using Parley.WebRtc.Connections;
using Parley.WebRtc.Udp;

namespace Parley.Client.Peering.Udp;

/// <summary>A connection as its driver runs it, which sends what goes to relays over TCP by their streams, and tells when nothing more will come out of it: that is known once the last datagram was asked for.</summary>
/// <param name="connection">The connection.</param>
/// <param name="done">Told.</param>
internal sealed class WatchedMachine(PeerConnection connection, TaskCompletionSource done) : IDatagramMachine
{
    private readonly List<TurnStream> _streams = [];

    /// <inheritdoc/>
    public TimeSpan? NextTimeout => connection.NextTimeout;

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> datagram, TransportAddress local, TransportAddress remote, TimeSpan now) => connection.Receive(datagram, local, remote, now);

    /// <inheritdoc/>
    public int Poll(Span<byte> destination, out TransportAddress local, out TransportAddress remote, out bool isProbe, TimeSpan now)
    {
        int length;
        while ((length = connection.Poll(destination, out local, out remote, out isProbe, now)) > 0 && StreamOf(local, remote) is { } stream)
        {
            stream.Send(destination[..length]);
        }

        if (length == 0 && connection.IsDone)
        {
            done.TrySetResult();
        }

        return length;
    }

    /// <inheritdoc/>
    public void HandleTimeout(TimeSpan now) => connection.HandleTimeout(now);

    /// <inheritdoc/>
    public void SendFailed(TransportAddress local, TransportAddress remote, string reason, TimeSpan now) => connection.SendFailed(local, remote, reason, now);

    /// <summary>What goes between the ends of a connection to a relay goes over it from now on; in a turn of the driver.</summary>
    public void Add(TurnStream stream) => _streams.Add(stream);

    /// <summary>It goes no more.</summary>
    public void Remove(TurnStream stream) => _streams.Remove(stream);

    private TurnStream? StreamOf(TransportAddress local, TransportAddress remote)
    {
        foreach (var stream in _streams)
        {
            if (stream.Local == local && stream.Remote == remote)
            {
                return stream;
            }
        }

        return null;
    }
}
