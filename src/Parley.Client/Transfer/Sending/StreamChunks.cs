using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Sending;

/// <summary>A stream that is read once, in chunks, of which those stay in memory that the receiver has not confirmed: after a broken path they go out again.</summary>
internal sealed class StreamChunks(Stream stream, int chunkBytes) : IDisposable
{
    /// <summary>Chunks that wait for a confirmation; reading waits beyond.</summary>
    public const int Window = 16;

    private readonly List<byte[]> _kept = [];
    private readonly SemaphoreSlim _room = new(Window);
    private readonly Lock _gate = new();
    private Task? _reading;
    private int _first;
    private long _bytes;
    private bool _hasEnded;

    /// <summary>The first chunk that is kept, and the one behind the last that was read: what a receiver may have lies in between.</summary>
    public (int First, int End) Kept
    {
        get
        {
            lock (_gate)
            {
                return (_first, _first + _kept.Count);
            }
        }
    }

    /// <summary>How many bytes the chunks before this one have, of those that were read: the last one may be short.</summary>
    public long BytesBefore(int chunk)
    {
        lock (_gate)
        {
            return Math.Min((long)chunk * chunkBytes, _bytes);
        }
    }

    /// <summary>Puts a chunk where it is wanted.</summary>
    /// <param name="chunk">Its number: one that is kept, or the next one.</param>
    /// <param name="destination">Room for a whole chunk.</param>
    /// <param name="cancellationToken">Ends the wait; the reading goes on, and what it gives is there for the next call.</param>
    /// <returns>Its length; 0 behind the end.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: the receiver confirmed it, and wants it again.</exception>
    public async ValueTask<int> ReadAsync(int chunk, Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task reading;
            lock (_gate)
            {
                if (chunk < _first)
                {
                    throw WireReader.Broken();
                }

                if (chunk - _first < _kept.Count)
                {
                    var bytes = _kept[chunk - _first];
                    bytes.CopyTo(destination);
                    return bytes.Length;
                }

                if (_hasEnded)
                {
                    return 0;
                }

                reading = _reading ??= Task.Run(ReadNextAsync, CancellationToken.None);
            }

            await reading.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The receiver has all chunks before this one.</summary>
    public void Release(int chunk)
    {
        lock (_gate)
        {
            var free = Math.Clamp(chunk - _first, 0, _kept.Count);
            _kept.RemoveRange(0, free);
            _first += free;
            if (free > 0)
            {
                _room.Release(free);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();

    private async Task ReadNextAsync()
    {
        await _room.WaitAsync(CancellationToken.None);
        var bytes = GC.AllocateUninitializedArray<byte>(chunkBytes);
        var count = await ReadAsync(bytes);
        lock (_gate)
        {
            _hasEnded = count < chunkBytes;
            _bytes += count;
            if (count > 0)
            {
                _kept.Add(count == chunkBytes ? bytes : bytes[..count]);
            }

            _reading = null;
        }
    }

    private async Task<int> ReadAsync(byte[] bytes)
    {
        try
        {
            return await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, CancellationToken.None);
        }
        catch (IOException exception)
        {
            throw new ParleyException(ErrorCode.TransferFile, "Standard input cannot be read.", exception);
        }
    }
}
