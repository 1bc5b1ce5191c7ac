using System.Buffers.Binary;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Wire;

/// <summary>Cuts the bytes of a path into frames: small ones many to a read, large ones read straight to where they stay.</summary>
internal sealed class FrameReader(Stream stream, ChunkBuffers pool, TimeProvider time)
{
    private const int SlabBytes = 128 << 10;
    private const int DirectBytes = 32 << 10;
    private readonly byte[] _slab = GC.AllocateUninitializedArray<byte>(SlabBytes);
    private int _start;
    private int _end;
    private long _waitsSince;

    /// <summary>Whether somebody waits for what comes.</summary>
    public bool IsWaiting => Volatile.Read(ref _waitsSince) != 0;

    /// <summary>For how long nothing has come while somebody waits for it.</summary>
    public TimeSpan Silence => Volatile.Read(ref _waitsSince) is var since and not 0 ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Waits for the next frame.</summary>
    /// <exception cref="IOException">The path broke.</exception>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: a frame that no transfer has.</exception>
    public async ValueTask<Frame> ReadAsync(CancellationToken cancellationToken)
    {
        await FillAsync(Frame.HeaderBytes, cancellationToken);
        var (kind, length) = ReadHeader();
        var buffer = pool.Rent(length);
        try
        {
            var ready = Math.Min(length, _end - _start);
            _slab.AsSpan(_start, ready).CopyTo(buffer);
            _start += ready;
            while (length - ready >= DirectBytes)
            {
                ready += await ReadSomeAsync(buffer.AsMemory(ready, length - ready), cancellationToken);
            }

            if (ready < length)
            {
                await FillAsync(length - ready, cancellationToken);
                _slab.AsSpan(_start, length - ready).CopyTo(buffer.AsSpan(ready));
                _start += length - ready;
            }

            return new Frame(pool, kind, buffer, length);
        }
        catch
        {
            pool.Return(buffer);
            throw;
        }
    }

    /// <summary>Reads on to nowhere until the path ends: closed with bytes unread, it might take our last word with it.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (await stream.ReadAsync(_slab, cancellationToken) > 0)
        {
            // On and on.
        }
    }

    private (FrameKind Kind, int Length) ReadHeader()
    {
        var header = _slab.AsSpan(_start, Frame.HeaderBytes);
        var length = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        if ((header[1] | header[2] | header[3]) != 0 || length < 0 || length > pool.LargeBytes)
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "The other end sent a frame that no transfer has.");
        }

        _start += Frame.HeaderBytes;
        return ((FrameKind)header[0], length);
    }

    // At least that many bytes behind the start.
    private async ValueTask FillAsync(int bytes, CancellationToken cancellationToken)
    {
        if (_end - _start >= bytes)
        {
            return;
        }

        _slab.AsSpan(_start, _end - _start).CopyTo(_slab);
        (_start, _end) = (0, _end - _start);
        while (_end < bytes)
        {
            _end += await ReadSomeAsync(_slab.AsMemory(_end), cancellationToken);
        }
    }

    private async ValueTask<int> ReadSomeAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _waitsSince, time.GetTimestamp() | 1);
        var count = await stream.ReadAsync(destination, cancellationToken);
        Volatile.Write(ref _waitsSince, 0);
        return count > 0 ? count : throw new EndOfStreamException("The path ended.");
    }
}
