using Parley.Protocol.Errors;
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

    /// <summary>Whether the headers of a stream wait for its first message, so that they can say something about it; else they go out as soon as the handler waits.</summary>
    /// <value>False.</value>
    public bool AreHeadersHeld { get; init; }

    /// <summary>How a refusal looks in the status; a method of a foreign dialect has that dialect's details.</summary>
    /// <value>Our own details.</value>
    public Func<ParleyException, GrpcStatus> ToStatus { get; init; } = GrpcErrorDetails.ToStatus;
}
