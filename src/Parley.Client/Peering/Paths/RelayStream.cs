using System.Buffers;
using System.Buffers.Binary;
using Parley.Client.HubLink;
using Parley.Protocol.Files;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering.Paths;

/// <summary>The bytes of a circuit: each write is a frame with <c>circuit_bytes</c>, and reading takes the frames' content in order. The hub hands frames on without looking into them.</summary>
/// <remarks>
/// A frame: flag 0 | length (u32, big endian) | the field's key (2 bytes) | the content's length (varint) | content. Anything else ends the stream; what is inside is TLS, which notices the rest.
/// One reader and one writer at a time.
/// </remarks>
internal sealed class RelayStream(DialedLink link) : AsyncStream
{
    /// <summary>Bytes of content in one frame.</summary>
    private const int MaxContent = 128 * 1024;

    private const int MaxVarint = 5;
    private const uint FieldKey = (Frame.CircuitBytesFieldNumber << 3) | 2;

    private static readonly byte[] _key = [(byte)((FieldKey & 0x7f) | 0x80), (byte)(FieldKey >> 7)];

    private int _left;
    private int _isClosed;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var input = link.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            var available = read.Buffer;
            if (_left == 0 && !TryTakeHead(ref available))
            {
                input.AdvanceTo(available.Start, available.End);
                if (read.IsCompleted)
                {
                    return 0;
                }

                continue;
            }

            var count = (int)Math.Min(Math.Min(available.Length, _left), buffer.Length);
            available.Slice(0, count).CopyTo(buffer.Span);
            _left -= count;
            var isThere = count > 0 || (buffer.IsEmpty && (!available.IsEmpty || read.IsCompleted));
            input.AdvanceTo(available.GetPosition(count), isThere ? available.GetPosition(count) : available.End);
            if (isThere || read.IsCompleted)
            {
                return count;
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var content = buffer[..Math.Min(buffer.Length, MaxContent)];
            buffer = buffer[content.Length..];
            var rented = ArrayPool<byte>.Shared.Rent(FrameCodec.PrefixBytes + _key.Length + MaxVarint + content.Length);
            try
            {
                await link.Transport.WriteAsync(rented.AsMemory(0, WriteFrame(rented, content.Span)), cancellationToken);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            await link.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _ = link.DisposeAsync().AsTask();
        }

        base.Dispose(disposing);
    }

    /// <summary>Writes head and content of one frame.</summary>
    /// <returns>How many bytes it has.</returns>
    internal static int WriteFrame(Span<byte> target, ReadOnlySpan<byte> content)
    {
        var at = FrameCodec.PrefixBytes;
        _key.CopyTo(target[at..]);
        at += _key.Length;
        for (var left = (uint)content.Length; ; left >>= 7)
        {
            target[at++] = (byte)(left < 0x80 ? left : (left & 0x7f) | 0x80);
            if (left < 0x80)
            {
                break;
            }
        }

        content.CopyTo(target[at..]);
        target[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(target[1..], (uint)(at + content.Length - FrameCodec.PrefixBytes));
        return at + content.Length;
    }

    /// <summary>Takes the head of a frame off the front; false when not all of it is there yet.</summary>
    /// <exception cref="IOException">It is no such head.</exception>
    private bool TryTakeHead(ref ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryRead(out var flag) || !reader.TryReadBigEndian(out int length) || !reader.TryRead(out var first) || !reader.TryRead(out var second))
        {
            return false;
        }

        long content = 0;
        for (var shift = 0; ; shift += 7)
        {
            if (!reader.TryRead(out var part))
            {
                return false;
            }

            content |= (long)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                break;
            }

            if (shift > 21)
            {
                throw Broken();
            }
        }

        if (flag != 0 || first != _key[0] || second != _key[1] || content > MaxContent || reader.Consumed - FrameCodec.PrefixBytes + content != length)
        {
            throw Broken();
        }

        _left = (int)content;
        buffer = buffer.Slice(reader.Position);
        return _left > 0;
    }

    private static IOException Broken() => new("The circuit carried something that is no frame of bytes.");
}
