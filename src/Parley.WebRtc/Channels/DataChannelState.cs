namespace Parley.WebRtc.Channels;

/// <summary>States of a <see cref="DataChannel"/>, as browsers name them.</summary>
/// <remarks>
/// <code>
/// Connecting --association connected--> Open --Close, or the peer's reset--> Closing --both directions reset--> Closed
/// </code>
/// The end of the association closes a channel from every state.
/// </remarks>
public enum DataChannelState
{
    /// <summary>There is no association yet.</summary>
    Connecting,

    /// <summary>Messages may be sent. They may be sent before the peer has confirmed the opening.</summary>
    Open,

    /// <summary>No longer; what was sent still arrives.</summary>
    Closing,

    /// <summary>Over. The number may belong to another channel.</summary>
    Closed,
}
