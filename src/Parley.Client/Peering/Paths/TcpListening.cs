using System.Net;
using System.Net.Sockets;

namespace Parley.Client.Peering.Paths;

/// <summary>Opens a port for the other end, on IPv6 and IPv4 at once where the machine has both.</summary>
internal static class TcpListening
{
    private const int Backlog = 16;

    /// <summary>Opens one of the ports; null when none is free.</summary>
    /// <param name="ports">First and last; 0 = any.</param>
    public static Socket? TryOpen((int First, int Last) ports)
    {
        for (var port = ports.First; port <= Math.Max(ports.First, ports.Last); port++)
        {
            if ((Socket.OSSupportsIPv6 ? TryOpen(IPAddress.IPv6Any, port) : null) is { } both)
            {
                return both;
            }

            if (TryOpen(IPAddress.Any, port) is { } old)
            {
                return old;
            }
        }

        return null;
    }

    private static Socket? TryOpen(IPAddress any, int port)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(any.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (any.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(any, port));
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException)
        {
            socket?.Dispose();
            return null;
        }
    }
}
