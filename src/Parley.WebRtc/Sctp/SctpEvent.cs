namespace Parley.WebRtc.Sctp;

/// <summary>Something that happened on an association.</summary>
/// <param name="Kind">What.</param>
/// <param name="Stream">The stream, of messages and resets.</param>
/// <param name="ProtocolId">Payload protocol identifier of a message: what its bytes are (RFC 8831, section 8).</param>
/// <param name="Payload">A message's bytes: valid until the next call of <see cref="SctpAssociation.TryRead"/>.</param>
/// <param name="Failure">Why it failed.</param>
public readonly record struct SctpEvent(
    SctpEventKind Kind, ushort Stream = 0, uint ProtocolId = 0, ReadOnlyMemory<byte> Payload = default, SctpFailure Failure = SctpFailure.None);

/// <summary>Kinds of <see cref="SctpEvent"/>.</summary>
public enum SctpEventKind
{
    /// <summary>Messages can flow.</summary>
    Connected,

    /// <summary>A whole message arrived.</summary>
    Message,

    /// <summary>The peer reset its side of a stream: its next message begins anew.</summary>
    IncomingReset,

    /// <summary>Our side of a stream was reset, as asked for.</summary>
    OutgoingReset,

    /// <summary>The peer does not reset our side of a stream.</summary>
    ResetRefused,

    /// <summary>What waits to be sent sank to <see cref="SctpAssociation.WritableThreshold"/>.</summary>
    Writable,

    /// <summary>The peer began anew with empty memory: what was under way is lost, all streams start again.</summary>
    Restarted,

    /// <summary>Ended in order: everything sent was acknowledged.</summary>
    Closed,

    /// <summary>Ended otherwise.</summary>
    Failed,
}

/// <summary>Why an association failed.</summary>
public enum SctpFailure
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>We gave it up.</summary>
    Aborted,

    /// <summary>The peer gave it up.</summary>
    PeerAborted,

    /// <summary>The peer does not answer.</summary>
    NoAnswer,

    /// <summary>The peer broke the protocol.</summary>
    ProtocolViolation,

    /// <summary>The peer sent a message beyond <see cref="SctpOptions.MaxMessageBytes"/>.</summary>
    MessageTooLarge,
}
