namespace Parley.Protocol.Grpc;

/// <summary>What all calls of one channel have in common.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>Largest message taken from the server.</summary>
    /// <value>Bytes, from 0; default 4 MiB. A larger one ends the call with ResourceExhausted; memory up to this size is used per call.</value>
    public int MaxReceiveBytes { get; init; } = GrpcLimits.DefaultMaxMessageBytes;

    /// <summary>Largest message sent to the server.</summary>
    /// <value>Bytes, from 0; default 4 MiB. A larger one is refused before anything is sent.</value>
    public int MaxSendBytes { get; init; } = GrpcLimits.DefaultMaxMessageBytes;

    /// <summary>The clock that deadlines run on.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>What the <c>user-agent</c> header says.</summary>
    public string UserAgent { get; init; } = "grpc-parley/1";
}
