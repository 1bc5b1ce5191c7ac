using Parley.WebRtc.Sctp;

namespace Parley.WebRtc.Channels;

/// <summary>Something that happened on the channels of an association.</summary>
/// <param name="Kind">What.</param>
/// <param name="Channel">Where; null for what concerns all of them.</param>
/// <param name="Payload">A message's bytes: valid until the next call of <see cref="DataChannels.TryRead"/>.</param>
/// <param name="IsText">The message is UTF-8 text, as its sender says.</param>
/// <param name="Failure">Why the association failed.</param>
public readonly record struct DataChannelEvent(
    DataChannelEventKind Kind, DataChannel? Channel = null, ReadOnlyMemory<byte> Payload = default, bool IsText = false, SctpFailure Failure = SctpFailure.None);

/// <summary>Kinds of <see cref="DataChannelEvent"/>.</summary>
public enum DataChannelEventKind
{
    /// <summary>A channel of ours can be used.</summary>
    Opened,

    /// <summary>The peer opened a channel.</summary>
    PeerOpened,

    /// <summary>A message arrived.</summary>
    Message,

    /// <summary>The peer closes the channel; what it had sent was told before.</summary>
    Closing,

    /// <summary>A channel is over.</summary>
    Closed,

    /// <summary>Channels that answered <see cref="DataChannelSendResult.Full"/> take messages again.</summary>
    Writable,

    /// <summary>The association ended in order, and all channels with it.</summary>
    Ended,

    /// <summary>The association failed, and all channels with it.</summary>
    Failed,
}
