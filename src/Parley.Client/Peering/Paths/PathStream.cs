using Parley.Protocol.Files;

namespace Parley.Client.Peering.Paths;

/// <summary>The bytes of a path as its user sees them: whatever breaks them shows as an <see cref="IOException"/>, and the session can close them under its user.</summary>
internal sealed class PathStream(Stream inner) : AsyncStream
{
    private int _isClosed;

    /// <summary>Whether somebody closed it.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <inheritdoc/>
    public override bool CanRead => !IsClosed;

    /// <inheritdoc/>
    public override bool CanWrite => !IsClosed;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (ObjectDisposedException exception)
        {
            throw Closed(exception);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        catch (ObjectDisposedException exception)
        {
            throw Closed(exception);
        }
    }

    /// <inheritdoc/>
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await inner.FlushAsync(cancellationToken);
        }
        catch (ObjectDisposedException exception)
        {
            throw Closed(exception);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            await inner.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private static IOException Closed(Exception exception) => new("The path was closed.", exception);
}
