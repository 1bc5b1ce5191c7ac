using Parley.WebRtc.Channels;
using Parley.WebRtc.Ice;

namespace Parley.WebRtc.Connections;

/// <summary>Something that happened on a <see cref="PeerConnection"/>.</summary>
/// <param name="Kind">What.</param>
/// <param name="Channel">The data channel, where it concerns one.</param>
/// <param name="Payload">A message's bytes: valid until the next call of <see cref="PeerConnection.TryRead"/>.</param>
/// <param name="IsText">The message is UTF-8 text, as its sender says.</param>
/// <param name="State">The new state, for <see cref="PeerConnectionEventKind.StateChanged"/>.</param>
/// <param name="Candidate">For <see cref="PeerConnectionEventKind.LocalCandidate"/>.</param>
/// <param name="Route">For <see cref="PeerConnectionEventKind.RouteChanged"/>.</param>
public readonly record struct PeerConnectionEvent(
    PeerConnectionEventKind Kind,
    DataChannel? Channel = null,
    ReadOnlyMemory<byte> Payload = default,
    bool IsText = false,
    PeerConnectionState State = PeerConnectionState.New,
    IceCandidate? Candidate = null,
    IceRoute? Route = null);

/// <summary>Kinds of <see cref="PeerConnectionEvent"/>.</summary>
public enum PeerConnectionEventKind
{
    /// <summary>A candidate of ours, to be signalled to the peer.</summary>
    LocalCandidate = 0,

    /// <summary>No more candidates of ours will come, unless addresses do.</summary>
    GatheringDone,

    /// <summary>The state changed. <see cref="PeerConnectionState.Closed"/>, and a failure for good, come after everything else.</summary>
    StateChanged,

    /// <summary>Data takes another path from now on.</summary>
    RouteChanged,

    /// <summary>A channel of ours can be used.</summary>
    ChannelOpened,

    /// <summary>The peer opened a channel.</summary>
    PeerOpenedChannel,

    /// <summary>A message arrived.</summary>
    Message,

    /// <summary>The peer closes a channel; what it had sent was told before.</summary>
    ChannelClosing,

    /// <summary>A channel is over.</summary>
    ChannelClosed,

    /// <summary>Channels that answered <see cref="DataChannelSendResult.Full"/> take messages again.</summary>
    Writable,
}
