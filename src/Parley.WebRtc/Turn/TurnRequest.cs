using Parley.Protocol.Stun;

namespace Parley.WebRtc.Turn;

/// <summary>A request that waits for its answer.</summary>
internal sealed class TurnRequest(StunMethod method, TransportAddress peer, int channel)
{
    /// <summary>When it is sent again.</summary>
    public StunRetry Retry;

    /// <summary>What is asked.</summary>
    public StunMethod Method => method;

    /// <summary>The peer it is about; nobody for the allocation itself.</summary>
    public TransportAddress Peer => peer;

    /// <summary>The channel to bind.</summary>
    public int Channel => channel;

    /// <summary>Joins it with its answer; another one after a nonce has gone stale.</summary>
    public StunTransactionId Transaction { get; set; }

    /// <summary>How often the server asked for it to be signed anew.</summary>
    public int Challenges { get; set; }

    /// <summary>The request gives the allocation back.</summary>
    public bool IsClosing { get; init; }
}
