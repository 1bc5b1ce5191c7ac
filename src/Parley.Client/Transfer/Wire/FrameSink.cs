using Parley.Client.Transfer.Sending;

namespace Parley.Client.Transfer.Wire;

/// <summary>Where frames leave: whole, one after the other, from whichever task they come.</summary>
internal sealed class FrameSink(Stream stream, RateLimit? limit, CancellationToken pathToken) : IDisposable
{
    private const int SliceBytes = 32 << 10;
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>Sends frames. A frame that was begun is finished, or the path ends.</summary>
    /// <exception cref="IOException">The path broke.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (limit is null)
            {
                await stream.WriteAsync(frames, pathToken);
            }
            else
            {
                await SendSlowlyAsync(frames, limit);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async ValueTask SendSlowlyAsync(ReadOnlyMemory<byte> frames, RateLimit rate)
    {
        while (frames.Length > 0)
        {
            var slice = frames[..Math.Min(frames.Length, SliceBytes)];
            await rate.TakeAsync(slice.Length, pathToken);
            await stream.WriteAsync(slice, pathToken);
            frames = frames[slice.Length..];
        }
    }
}
