using System.Net;

namespace Parley.WebRtc.Udp;

/// <summary>How a driver speaks to the operating system. One thread receives and waits; sending is under the driver's lock.</summary>
internal interface IUdpSystem : IDisposable
{
    /// <summary>Opens a socket bound to one address.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">It cannot be had.</exception>
    IUdpSocket Open(IPEndPoint local, UdpOptions options);

    /// <summary>Waits until a socket can be read from, one that is <see cref="IUdpSocket.IsBlocked"/> can be written to, somebody calls <see cref="Wake"/>, or the time is over.</summary>
    /// <param name="timeout">Null = no limit.</param>
    void Wait(TimeSpan? timeout);

    /// <summary>Ends the wait, from any thread.</summary>
    void Wake();
}
