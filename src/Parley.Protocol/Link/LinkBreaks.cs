using System.Net.WebSockets;

namespace Parley.Protocol.Link;

/// <summary>How a broken byte stream shows: every transport has its own exceptions for it.</summary>
public static class LinkBreaks
{
    /// <summary>Whether an exception means that the link is gone, and not that somebody made a mistake.</summary>
    public static bool Is(Exception exception) =>
        exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or HttpRequestException or WebSocketException;
}
