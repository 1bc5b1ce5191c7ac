namespace Parley.WebRtc.Channels;

/// <summary>What <see cref="DataChannels"/> allow.</summary>
public sealed record DataChannelLimits
{
    /// <summary>Channels open at a time, of both ends together.</summary>
    /// <value>Default 256. One that the peer opens beyond is closed at once.</value>
    public int MaxChannels { get; init; } = 256;

    /// <summary>The largest message that the peer takes: <c>a=max-message-size</c> of its SDP; 0: any.</summary>
    /// <value>Default 64 KiB, which an end that says nothing takes (RFC 8841, section 6).</value>
    public long PeerMaxMessageBytes { get; init; } = 64 << 10;
}
