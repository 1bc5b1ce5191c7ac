using System.IO.Pipelines;
using Parley.Protocol.Files;

namespace Parley.Client.PeerApi;

/// <summary>Kestrel's two pipes of a connection as the stream that TLS runs over; the pipes stay Kestrel's.</summary>
internal sealed class TransportStream(IDuplexPipe transport) : AsyncStream
{
    private readonly Stream _input = transport.Input.AsStream(leaveOpen: true);
    private readonly Stream _output = transport.Output.AsStream(leaveOpen: true);

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _input.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _output.WriteAsync(buffer, cancellationToken);
}
