using System.Net;
using System.Net.Sockets;

namespace Parley.Testing;

/// <summary>
/// Ports for servers that must come back where they were. They lie below the range the system takes ports of outgoing connections from
/// (32768 to 60999 on Linux), so that no connection of a test beside this one can sit on one while its server is away.
/// </summary>
public static class LoopbackPorts
{
    private const int First = 12_000;
    private const int Count = 20_000;

    private static int _next = Environment.ProcessId * 61 % Count;

    /// <summary>A port of 127.0.0.1 that nobody has at the moment, neither TCP nor UDP, and that this process gives to nobody else.</summary>
    /// <exception cref="InvalidOperationException">All are taken.</exception>
    public static int Take()
    {
        for (var attempt = 0; attempt < Count; attempt++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException("All ports of the range are taken.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var tcp = new TcpListener(IPAddress.Loopback, port);
            tcp.Start();
            using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
