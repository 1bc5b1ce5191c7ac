using System.Net;
using System.Net.Sockets;

namespace Parley.WebRtc.Udp;

/// <summary>Opens a socket of the system bound to one address, with large buffers, on a port that is allowed.</summary>
internal static class BoundSocket
{
    /// <summary>Opens it.</summary>
    /// <exception cref="SocketException">The address or every port is taken or gone.</exception>
    public static Socket Open(IPEndPoint local, UdpOptions options)
    {
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (local.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            Bind(socket, local, options.Ports);
            socket.ReceiveBufferSize = options.SocketBufferBytes;
            socket.SendBufferSize = options.SocketBufferBytes;
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Bind(Socket socket, IPEndPoint local, (int First, int Last) ports)
    {
        if (local.Port != 0 || ports.First == 0)
        {
            socket.Bind(local);
            return;
        }

        for (var port = ports.First; ; port++)
        {
            try
            {
                socket.Bind(new IPEndPoint(local.Address, port));
                return;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse && port < ports.Last)
            {
                // Another session has it.
            }
        }
    }
}
