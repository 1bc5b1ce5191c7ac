namespace Parley.WebRtc.Udp;

/// <summary>Why an entry of a batch was not sent.</summary>
internal enum SendError
{
    /// <summary>Everything was sent.</summary>
    None = 0,

    /// <summary>There is no room now; the socket says when there is.</summary>
    Blocked,

    /// <summary>The system does not cut this buffer into datagrams; stays inside a socket, which sends them one by one then.</summary>
    NotSegmented,

    /// <summary>Too long for the path, and not to be cut.</summary>
    TooLong,

    /// <summary>No route to that address.</summary>
    NoRoute,

    /// <summary>The firewall of this machine does not let it through.</summary>
    NotPermitted,

    /// <summary>The local address is gone, or anything else.</summary>
    Failed,
}
