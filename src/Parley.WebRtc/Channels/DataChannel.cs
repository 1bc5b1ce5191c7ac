namespace Parley.WebRtc.Channels;

/// <summary>One data channel (RFC 8831): messages with boundaries, in both directions, over a stream of each.</summary>
public sealed class DataChannel
{
    private readonly DataChannels _owner;

    internal DataChannel(DataChannels owner, ushort id, DataChannelOptions options) => (_owner, Id, Options) = (owner, id, options);

    /// <summary>Number of its two streams.</summary>
    public ushort Id { get; }

    /// <summary>What was agreed on when it was opened.</summary>
    public DataChannelOptions Options { get; }

    /// <summary>Its name.</summary>
    public string Label => Options.Label;

    /// <summary>Where it stands.</summary>
    public DataChannelState State { get; internal set; }

    /// <summary>Bytes given to <see cref="Send"/> that were not sent the first time yet.</summary>
    public long BufferedAmount => State == DataChannelState.Closed ? 0 : _owner.BufferedOf(Id);

    /// <summary>The peer has confirmed the opening: until then messages go in order, so that none comes before it (RFC 8832, section 6).</summary>
    internal bool IsConfirmed { get; set; }

    /// <summary>The peer knows of it, or will: the OPEN was given to the association, or came from there.</summary>
    internal bool IsAnnounced { get; set; }

    /// <summary>Our direction was reset.</summary>
    internal bool IsOutgoingReset { get; set; }

    /// <summary>The peer's direction was reset.</summary>
    internal bool IsIncomingReset { get; set; }

    /// <summary>Gives a message to be sent; its bytes are copied. It may be empty.</summary>
    /// <param name="payload">At most what the peer takes: <see cref="DataChannelLimits.PeerMaxMessageBytes"/>.</param>
    /// <param name="isText">Whether the bytes are UTF-8 text.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="Protocol.Errors.ParleyException">The message is larger than the peer takes (<c>message.too_large</c>).</exception>
    public DataChannelSendResult Send(ReadOnlySpan<byte> payload, bool isText, TimeSpan now) => _owner.Send(this, payload, isText, now);

    /// <summary>Takes no more messages, and is over once what was sent has arrived and the peer has closed its side too.</summary>
    public void Close() => _owner.Close(this);
}
