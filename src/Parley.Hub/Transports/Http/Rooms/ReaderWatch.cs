using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Parley.Hub.Transports.Http.Rooms;

/// <summary>Whether the one who asked is still there, as far as this machine can tell.</summary>
internal static class ReaderWatch
{
    /// <summary>Whether the request was aborted, or the connection's end is here and was not noticed yet. Clients that wait end their waits all the time, and an answer that crosses such an end would be lost.</summary>
    public static bool IsGone(HttpContext context)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        try
        {
            // Readable without a byte to read is the end of the connection.
            return context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }
}
