namespace Parley.Protocol.Messaging;

/// <summary>Sizes that both ends of the link agree on; a hub may announce smaller ones in its Welcome.</summary>
public static class MessagingLimits
{
    /// <summary>Largest message or file in bytes: 16 MiB. Larger things go from peer to peer.</summary>
    public const int MaxContentBytes = 16 * 1024 * 1024;

    /// <summary>Largest body of an envelope in bytes: the content and room for names, hashes and metadata.</summary>
    public const int MaxBodyBytes = MaxContentBytes + (256 * 1024);

    /// <summary>Bodies above this many bytes travel as chunks of this size, so that small messages pass them: 64 KiB.</summary>
    public const int ChunkBytes = 64 * 1024;

    /// <summary>Largest frame on the link in bytes: a chunk or an undivided body, and its envelope.</summary>
    public const int MaxFrameBytes = 256 * 1024;

    /// <summary>Time to live that a hub gives when the sender names none: 24 hours.</summary>
    public static readonly TimeSpan DefaultTimeToLive = TimeSpan.FromHours(24);

    /// <summary>Messages that may follow from one another before the hub stops the chain.</summary>
    public const int DefaultHopLimit = 8;
}
