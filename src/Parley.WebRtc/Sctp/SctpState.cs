namespace Parley.WebRtc.Sctp;

/// <summary>States of an association (RFC 9260, section 4).</summary>
/// <remarks>
/// <code>
/// Closed --Connect--> CookieWait --INIT ACK--> CookieEchoed --COOKIE ACK--> Established
///    \------------------- COOKIE ECHO, in any of the three ------------------^
/// Established --Shutdown--> ShutdownPending --all acknowledged--> ShutdownSent --SHUTDOWN ACK--> Ended
/// Established --SHUTDOWN--> ShutdownReceived --all acknowledged--> ShutdownAckSent --SHUTDOWN COMPLETE--> Ended
/// </code>
/// An abort of either side, silence or a violation leads to Ended from everywhere; nothing leads out of it.
/// </remarks>
public enum SctpState
{
    /// <summary>Nothing was sent; a peer that begins is answered.</summary>
    Closed,

    /// <summary>INIT was sent.</summary>
    CookieWait,

    /// <summary>The peer's cookie went back to it.</summary>
    CookieEchoed,

    /// <summary>Data flows.</summary>
    Established,

    /// <summary>We close as soon as everything is acknowledged.</summary>
    ShutdownPending,

    /// <summary>SHUTDOWN was sent.</summary>
    ShutdownSent,

    /// <summary>The peer closes; we still send what waits.</summary>
    ShutdownReceived,

    /// <summary>SHUTDOWN ACK was sent.</summary>
    ShutdownAckSent,

    /// <summary>Over, one way or the other.</summary>
    Ended,
}
