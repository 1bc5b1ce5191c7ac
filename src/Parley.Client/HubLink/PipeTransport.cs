using System.IO.Pipelines;
using Parley.Protocol.Link;

namespace Parley.Client.HubLink;

/// <summary>A link over a pair of pipes that somebody else opened.</summary>
internal sealed class PipeTransport(string name, PipeReader input, PipeWriter output, Action abort, Func<ValueTask> dispose) : ILinkTransport, IAsyncDisposable
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public PipeReader Input => input;

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
    {
        var flushed = await output.WriteAsync(frames, cancellationToken);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new IOException("The other end reads no more.");
        }
    }

    /// <inheritdoc/>
    public void Abort() => abort();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => dispose();
}
