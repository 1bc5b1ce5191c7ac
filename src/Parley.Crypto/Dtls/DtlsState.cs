namespace Parley.Crypto.Dtls;

/// <summary>Where a <see cref="DtlsConnection"/> stands.</summary>
/// <remarks>
/// <code>
/// New --Start, or the first datagram--> Handshaking --> Connected --Close, or the peer's close_notify--> Closed
/// </code>
/// Failed from everywhere but Closed; nothing leads out of either.
/// </remarks>
public enum DtlsState
{
    /// <summary>Nothing was sent or received.</summary>
    New,

    /// <summary>Flights go to and fro.</summary>
    Handshaking,

    /// <summary>The peer showed the expected certificate; data flows.</summary>
    Connected,

    /// <summary>Either end said close_notify, or it was given up here before it was connected.</summary>
    Closed,

    /// <summary>Refused or broken: see <see cref="DtlsConnection.Fault"/>.</summary>
    Failed,
}
