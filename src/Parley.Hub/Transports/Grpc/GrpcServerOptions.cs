using Parley.Protocol.Grpc;

namespace Parley.Hub.Transports.Grpc;

/// <summary>Limits of one gRPC method.</summary>
internal sealed class GrpcServerOptions
{
    /// <summary>Largest message taken from a client.</summary>
    /// <value>Bytes, from 0; default 4 MiB. A larger one ends the call with ResourceExhausted; memory up to this size is used per call.</value>
    public int MaxReceiveBytes { get; init; } = GrpcLimits.DefaultMaxMessageBytes;

    /// <summary>Largest message sent to a client.</summary>
    /// <value>Bytes, from 0; default 4 MiB. A larger one ends the call with ResourceExhausted.</value>
    public int MaxSendBytes { get; init; } = GrpcLimits.DefaultMaxMessageBytes;
}
