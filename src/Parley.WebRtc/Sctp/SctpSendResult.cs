namespace Parley.WebRtc.Sctp;

/// <summary>What became of a message given to <see cref="SctpAssociation.Send"/>.</summary>
public enum SctpSendResult
{
    /// <summary>It will be sent in its turn.</summary>
    Accepted,

    /// <summary>Too much waits already: try again after <see cref="SctpEventKind.Writable"/>.</summary>
    Full,

    /// <summary>The association is not connected, or no longer takes data.</summary>
    Closed,

    /// <summary>The peer takes no data on this stream number.</summary>
    NoSuchStream,
}
