using System.Net;
using System.Net.Sockets;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi.Discovery;

/// <summary>A socket of multicast DNS on one interface: group 224.0.0.251. Nothing leaves the local network.</summary>
public sealed class MulticastSocket : IDisposable
{
    /// <summary>The port of multicast DNS.</summary>
    public const int DefaultPort = 5353;

    private const int IpLevel = 0;

    // Linux: 0 = only what came to the groups of this very socket; else also what others joined on other interfaces.
    private const int LinuxMulticastAll = 49;
    private const int WholeNetwork = 255;

    private static readonly IPAddress _group = IPAddress.Parse("224.0.0.251");

    private readonly Socket _socket;
    private readonly IPEndPoint _everybody;
    private readonly byte[] _buffer = new byte[DnsMessage.MaxBytes + 1];

    private MulticastSocket(IPAddress ownAddress, int port, bool listens)
    {
        (OwnAddress, _everybody) = (ownAddress, new IPEndPoint(_group, port));
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, ownAddress.GetAddressBytes());
            _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, WholeNetwork);
            if (listens)
            {
                Join();
            }
            else
            {
                _socket.Bind(new IPEndPoint(ownAddress, 0));
            }
        }
        catch (SocketException exception)
        {
            _socket.Dispose();
            throw new ParleyException(ErrorCode.Unavailable, $"Multicast on {ownAddress} is not possible: {exception.SocketErrorCode}. Is it an IPv4 address of this machine? Choose another with --interface.", exception);
        }
    }

    /// <summary>The interface's address.</summary>
    public IPAddress OwnAddress { get; }

    /// <summary>Hears what is sent to the group, beside other programs that do.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Unavailable"/>: the interface does not exist, or takes no multicast.</exception>
    public static MulticastSocket Listening(IPAddress ownAddress, int port = DefaultPort) => new(ownAddress, port, listens: true);

    /// <summary>Asks the group, and hears answers to its own port alone.</summary>
    /// <exception cref="ParleyException">As <see cref="Listening"/>.</exception>
    public static MulticastSocket Asking(IPAddress ownAddress, int port = DefaultPort) => new(ownAddress, port, listens: false);

    /// <summary>Whether a sender speaks multicast DNS himself, so that an answer to all reaches him.</summary>
    internal bool IsMulticast(IPEndPoint sender) => sender.Port == _everybody.Port;

    /// <summary>Sends to one, or to everybody.</summary>
    internal async ValueTask SendAsync(DnsMessage message, IPEndPoint? to, CancellationToken cancellationToken) =>
        await _socket.SendToAsync(message.Write(), SocketFlags.None, to ?? _everybody, cancellationToken);

    /// <summary>The next message that is one; one reader at a time.</summary>
    internal async ValueTask<(DnsMessage Message, IPEndPoint From)> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var received = await _socket.ReceiveFromAsync(_buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), cancellationToken);
            if (DnsMessage.TryRead(_buffer.AsSpan(0, received.ReceivedBytes)) is { } message)
            {
                return (message, (IPEndPoint)received.RemoteEndPoint);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    // Bound to the group itself where that can be: what is sent to this machine alone does not arrive, so nobody from beyond the network asks.
    private void Join()
    {
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _socket.Bind(new IPEndPoint(OperatingSystem.IsWindows() ? IPAddress.Any : _group, _everybody.Port));
        _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(_group, OwnAddress));
        if (OperatingSystem.IsLinux())
        {
            _socket.SetRawSocketOption(IpLevel, LinuxMulticastAll, BitConverter.GetBytes(0));
        }
    }
}
