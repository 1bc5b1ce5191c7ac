using Parley.Protocol.Errors;

namespace Parley.Protocol.Grpc;

/// <summary>How a call ended: what the <c>grpc-status</c>, <c>grpc-message</c> and <c>grpc-status-details-bin</c> trailers say.</summary>
/// <param name="Code">The status code.</param>
/// <param name="Detail">One sentence for a person; empty when there is none.</param>
public sealed record GrpcStatus(GrpcStatusCode Code, string Detail = "")
{
    /// <summary>Done, without a word.</summary>
    public static GrpcStatus OK { get; } = new(GrpcStatusCode.OK);

    /// <summary>A serialised <c>google.rpc.Status</c> with machine-readable details, or empty. <see cref="GrpcErrorDetails"/> reads and writes it.</summary>
    public ReadOnlyMemory<byte> Details { get; init; }

    /// <summary>The code and the sentence.</summary>
    public override string ToString() => Detail.Length == 0 ? Code.ToString() : $"{Code}: {Detail}";
}
