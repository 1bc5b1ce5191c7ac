namespace Parley.WebRtc.Channels;

/// <summary>What became of a message given to <see cref="DataChannel.Send"/>.</summary>
public enum DataChannelSendResult
{
    /// <summary>It will be sent in its turn.</summary>
    Accepted,

    /// <summary>Too much waits already: try again after <see cref="DataChannelEventKind.Writable"/>.</summary>
    Full,

    /// <summary>The channel is not open.</summary>
    Closed,
}
