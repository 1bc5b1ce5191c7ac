using Parley.Protocol.Errors;
using Parley.Protocol.Files;

namespace Parley.Hub.Outbound;

/// <summary>A stranger's bytes: so many and no more, and none of them waited for longer than a while. Read asynchronously only.</summary>
internal sealed class BoundedStream(Stream inner, long maxBytes, TimeSpan idle, TimeProvider time) : ReadOnlyStream
{
    private long _left = maxBytes;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(buffer, cancellationToken);
        return Counted(reading.IsCompletedSuccessfully ? await reading : await WatchAsync(reading.AsTask()));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<int> WatchAsync(Task<int> reading)
    {
        try
        {
            return await reading.WaitAsync(idle, time);
        }
        catch (TimeoutException exception)
        {
            // The read goes on into a buffer that the caller may use again: nothing may arrive there any more.
            inner.Dispose();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new ParleyException(ErrorCode.DeadlineExceeded, "The address that was called fell silent in the middle of its answer.", exception);
        }
    }

    private int Counted(int count)
    {
        _left -= count;
        return _left >= 0 ? count : throw new ParleyException(ErrorCode.MessageTooLarge, BoundedContent.TooLarge);
    }
}
