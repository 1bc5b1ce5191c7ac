using Parley.Protocol.Stun;

namespace Parley.WebRtc.Ice;

/// <summary>A question to a STUN server from one address of ours.</summary>
internal sealed class ServerProbe(TransportAddress source, TransportAddress server, int preference)
{
    /// <summary>When it is sent again.</summary>
    public StunRetry Retry;

    /// <summary>From where.</summary>
    public TransportAddress Source => source;

    /// <summary>Whom.</summary>
    public TransportAddress Server => server;

    /// <summary>Local preference of the address.</summary>
    public int Preference => preference;

    /// <summary>Joins it with its answer.</summary>
    public StunTransactionId Transaction { get; set; }

    /// <summary>It was sent at least once.</summary>
    public bool IsSent { get; set; }

    /// <summary>Nothing is expected any more, for now.</summary>
    public bool IsDone { get; set; }

    /// <summary>What the server sees; nobody while unknown.</summary>
    public TransportAddress Mapped { get; set; }

    /// <summary>Why there is no answer; null when there is one or it may still come.</summary>
    public string? Failure { get; set; }

    /// <summary>When it is asked again, so that a NAT keeps the address; null for never.</summary>
    public TimeSpan? RefreshAt { get; set; }

    /// <summary>An answer is waited for.</summary>
    public bool IsWaiting => IsSent && !IsDone;
}
