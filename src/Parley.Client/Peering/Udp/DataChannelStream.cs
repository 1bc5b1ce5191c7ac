using Parley.Protocol.Files;

namespace Parley.Client.Peering.Udp;

/// <summary>A data channel as a stream of both directions; owns the connection.</summary>
internal sealed class DataChannelStream(UdpPeer peer) : AsyncStream
{
    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = peer.Read(buffer.Span, out var later);
            if (later is null)
            {
                return count;
            }

            await later.WaitAsync(cancellationToken);
        }

        return 0;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            buffer = buffer[peer.Write(buffer.Span, out var later)..];
            if (later is not null)
            {
                await later.WaitAsync(cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await peer.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _ = peer.DisposeAsync().AsTask();
        }

        base.Dispose(disposing);
    }
}
