using Parley.Protocol.Errors;

namespace Parley.Protocol.Grpc;

/// <summary>A gRPC call that did not end with OK; thrown by clients, and by a server's handler that wants to end a call with a certain status.</summary>
public sealed class GrpcException : Exception
{
    /// <summary>Ends a call with a status.</summary>
    /// <param name="status">The status; its detail is shown to the peer.</param>
    /// <param name="trailers">Trailing metadata that came, or shall go, with the status.</param>
    /// <param name="innerException">The cause, for our own log.</param>
    public GrpcException(GrpcStatus status, GrpcMetadata? trailers = null, Exception? innerException = null)
        : base(status.ToString(), innerException)
    {
        Status = status;
        Trailers = trailers ?? new GrpcMetadata();
    }

    /// <summary>Ends a call with a code and a sentence.</summary>
    /// <param name="code">The status code.</param>
    /// <param name="detail">One sentence, safe to show to the peer.</param>
    /// <param name="innerException">The cause, for our own log.</param>
    public GrpcException(GrpcStatusCode code, string detail, Exception? innerException = null)
        : this(new GrpcStatus(code, detail), null, innerException)
    {
    }

    /// <summary>How the call ended.</summary>
    public GrpcStatus Status { get; }

    /// <summary>Trailing metadata.</summary>
    public GrpcMetadata Trailers { get; }
}
