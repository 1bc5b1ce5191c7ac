using Parley.Protocol.Errors;
using Parley.Protocol.Files;

namespace Parley.Gateway.Sse;

/// <summary>A stream that refuses to be longer than a limit, whatever its sender announced.</summary>
/// <param name="inner">What is read; not disposed with this.</param>
/// <param name="maxBytes">The limit.</param>
/// <param name="maxEventBytes">The limit of what stands between two empty lines, as an event of a stream does.</param>
/// <param name="onRead">Told of each read that brought something.</param>
public sealed class LimitedStream(Stream inner, long maxBytes, long maxEventBytes = long.MaxValue, Action? onRead = null) : ReadOnlyStream
{
    private long _left = maxBytes;
    private long _eventBytes;
    private bool _isLineEmpty = true;
    private bool _endedWithCr;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Counted(buffer.AsSpan(offset, count), inner.Read(buffer, offset, count));

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Counted(buffer, await inner.ReadAsync(buffer, cancellationToken));

    private int Counted(ReadOnlyMemory<byte> buffer, int count) => Counted(buffer.Span, count);

    private int Counted(ReadOnlySpan<byte> buffer, int count)
    {
        _left -= count;
        if (maxEventBytes < long.MaxValue)
        {
            CountEvent(buffer[..count]);
        }

        if (_left < 0 || _eventBytes > maxEventBytes)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, "The answer is larger than this side reads.");
        }

        if (count > 0)
        {
            onRead?.Invoke();
        }

        return count;
    }

    // Lines end with LF, CR, or both in a row; two ends with nothing between them end an event. A pair may be cut between two reads.
    private void CountEvent(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && _eventBytes <= maxEventBytes)
        {
            if (_endedWithCr && bytes[0] == '\n')
            {
                bytes = bytes[1..];
                _endedWithCr = false;
                continue;
            }

            var end = bytes.IndexOfAny((byte)'\n', (byte)'\r');
            _endedWithCr = end >= 0 && bytes[end] == '\r';
            _eventBytes = end == 0 && _isLineEmpty ? 0 : _eventBytes + (end < 0 ? bytes.Length : end + 1);
            _isLineEmpty = end >= 0;
            bytes = end < 0 ? [] : bytes[(end + 1)..];
        }
    }
}
