using Parley.Client.Transfer.Sending;

namespace Parley.Client.Transfer.Wire;

/// <summary>Where frames leave: whole, one after the other, from whichever task they come.</summary>
internal sealed class FrameSink(Stream stream, RateLimit? limit, CancellationToken pathToken) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private long _writes;
    private long _current;

    /// <summary>The number of the write that the path has not taken yet; 0 while there is none.</summary>
    public long CurrentWrite => Volatile.Read(ref _current);

    /// <summary>Sends frames. A frame that was begun is finished, or the path ends.</summary>
    /// <exception cref="IOException">The path broke.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (limit is null)
            {
                await WriteAsync(frames);
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
            var slice = frames[..Math.Min(frames.Length, rate.SliceBytes)];
            await rate.TakeAsync(slice.Length, pathToken);
            await WriteAsync(slice);
            frames = frames[slice.Length..];
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        Volatile.Write(ref _current, ++_writes);
        try
        {
            await stream.WriteAsync(bytes, pathToken);
        }
        finally
        {
            Volatile.Write(ref _current, 0);
        }
    }
}
