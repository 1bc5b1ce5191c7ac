using Parley.Protocol.Stun;

namespace Parley.WebRtc.Turn;

/// <summary>A peer that the relay lets in.</summary>
internal sealed class TurnPeer(TransportAddress address, int channel)
{
    /// <summary>Its address.</summary>
    public TransportAddress Address => address;

    /// <summary>The channel that is its own here, bound or not.</summary>
    public int Channel => channel;

    /// <summary>The permission stands.</summary>
    public bool IsPermitted { get; set; }

    /// <summary>The channel is bound: data needs four bytes of header in place of 36 or 48.</summary>
    public bool IsBound { get; set; }

    /// <summary>A channel is wanted.</summary>
    public bool WantsChannel { get; set; }

    /// <summary>When the permission, and the channel if there is one, are asked for again; null while a request is under way.</summary>
    public TimeSpan? RefreshAt { get; set; }

    /// <summary>What the server said when it refused; null when it did not.</summary>
    public string? Refusal { get; set; }
}
