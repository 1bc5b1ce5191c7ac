using System.IO.Pipelines;
using Parley.Hub.Transports.Grpc;
using Parley.Protocol.Link;

namespace Parley.Hub.Transports.Link;

/// <summary>A link over a gRPC call.</summary>
internal sealed class GrpcLinkTransport(GrpcServerCall call, byte[] keyHash) : ILinkTransport, IEncryptedTransport
{
    /// <inheritdoc/>
    public string Name => "grpc";

    /// <inheritdoc/>
    public PipeReader Input => call.Input;

    /// <inheritdoc/>
    public byte[]? KeyHash => keyHash.Length == 0 ? null : keyHash;

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
    {
        var flushed = await call.Output.WriteAsync(frames, cancellationToken);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new IOException("The client reads no more.");
        }
    }

    /// <inheritdoc/>
    public void Abort() => call.Abort();
}
