namespace Parley.WebRtc.Turn;

/// <summary>How one speaks to a relay (RFC 8656, section 3.1); what it sends to peers is UDP in each case.</summary>
public enum TurnTransport
{
    /// <summary>UDP, from the sockets that peers are met on.</summary>
    Udp = 0,

    /// <summary>A TCP connection of its own, for networks that let no UDP out.</summary>
    Tcp,

    /// <summary>TLS over such a connection, the relay's certificate proved by its name.</summary>
    Tls,
}
