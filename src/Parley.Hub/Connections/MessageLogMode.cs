namespace Parley.Hub.Connections;

/// <summary>What the message log keeps.</summary>
internal enum MessageLogMode
{
    /// <summary>Who, whom, when, how it ended; never content. The default.</summary>
    Metadata,

    /// <summary>Content too.</summary>
    Full,

    /// <summary>Nothing.</summary>
    Off,
}
