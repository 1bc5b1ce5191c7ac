namespace Parley.Protocol.Grpc;

/// <summary>What one call may set.</summary>
public sealed class GrpcCallOptions
{
    /// <summary>Metadata sent with the request.</summary>
    public GrpcMetadata Headers { get; init; } = new();

    /// <summary>The whole call's time limit; the server is told. Null: none.</summary>
    /// <value>When it runs out the call is reset and fails with DeadlineExceeded.</value>
    public TimeSpan? Timeout { get; init; }
}
