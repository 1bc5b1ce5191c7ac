using System.Net;
using System.Net.Sockets;

namespace Parley.WebRtc.Udp.Plain;

/// <summary>Any system: one call for each datagram. A socket to itself on loopback stands in for an event.</summary>
internal sealed class PlainUdpSystem : IUdpSystem
{
    private static readonly byte[] _nudge = [0];

    private readonly List<PlainUdpSocket> _sockets = [];
    private readonly List<Socket> _reading = [];
    private readonly List<Socket> _writing = [];
    private readonly Socket _waker = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] _read = new byte[1];

    /// <summary>No socket is open yet.</summary>
    public PlainUdpSystem()
    {
        _waker.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _waker.Connect(_waker.LocalEndPoint!);
        _waker.Blocking = false;
    }

    /// <inheritdoc/>
    public IUdpSocket Open(IPEndPoint local, UdpOptions options)
    {
        var socket = new PlainUdpSocket(local, options);
        _sockets.Add(socket);
        return socket;
    }

    /// <inheritdoc/>
    public void Wait(TimeSpan? timeout)
    {
        _reading.Clear();
        _writing.Clear();
        _reading.Add(_waker);
        foreach (var socket in _sockets)
        {
            _reading.Add(socket.Inner);
            if (socket.IsBlocked)
            {
                _writing.Add(socket.Inner);
            }
        }

        Socket.Select(_reading, _writing.Count == 0 ? null : _writing, null, timeout is { } limit && limit < TimeSpan.MaxValue ? limit : Timeout.InfiniteTimeSpan);
        foreach (var socket in _sockets)
        {
            socket.IsReadable = _reading.Contains(socket.Inner);
            socket.IsWritable = _writing.Contains(socket.Inner);
        }

        while (_reading.Contains(_waker) && _waker.Receive(_read, 0, 1, SocketFlags.None, out _) > 0)
        {
        }
    }

    /// <inheritdoc/>
    public void Wake() => _waker.Send(_nudge, 0, 1, SocketFlags.None, out _);

    /// <inheritdoc/>
    public void Dispose()
    {
        _sockets.ForEach(socket => socket.Dispose());
        _waker.Dispose();
    }
}
