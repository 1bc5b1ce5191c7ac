using System.IO.Pipelines;

namespace Parley.Protocol.Link;

/// <summary>One link as two byte streams: gRPC and WebSocket look alike from here on, on either side.</summary>
public interface ILinkTransport
{
    /// <summary>What carries the link: <c>grpc</c> or <c>websocket</c>.</summary>
    string Name { get; }

    /// <summary>Frames from the other end.</summary>
    PipeReader Input { get; }

    /// <summary>Sends bytes: whole frames, several at once. One call at a time. Completes when the transport took them.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken);

    /// <summary>Cuts the link at once; reads and writes in progress fail.</summary>
    void Abort();
}
