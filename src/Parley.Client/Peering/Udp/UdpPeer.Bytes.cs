using Parley.WebRtc.Channels;

namespace Parley.Client.Peering.Udp;

/// <content>Bytes both ways: messages are their pieces, whose bounds mean nothing.</content>
internal sealed partial class UdpPeer
{
    /// <summary>Bytes of a message: what every other stack takes, and few enough that both directions share the path.</summary>
    private const int MaxMessage = 64 << 10;

    /// <summary>A writer that waits goes on when no more than this waits to be sent.</summary>
    private const int LowWater = 512 << 10;

    private bool _hasWritten;
    private bool _drains;
    private ReadOnlyMemory<byte> _unread;
    private TaskCompletionSource? _reader;
    private TaskCompletionSource? _writer;

    /// <summary>Takes what has arrived, as much as there is room for.</summary>
    /// <returns>How much; 0 with a task = nothing yet, and when to ask again; 0 without = the other end closed it.</returns>
    /// <exception cref="IOException">The path broke.</exception>
    public int Read(Span<byte> destination, out Task? later)
    {
        later = null;
        using var turn = _driver.Enter();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var count = 0;
        while (count < destination.Length)
        {
            if (_unread.IsEmpty)
            {
                ReadOn(turn.Now);
            }

            if (_unread.IsEmpty)
            {
                break;
            }

            var piece = _unread[..Math.Min(_unread.Length, destination.Length - count)];
            piece.Span.CopyTo(destination[count..]);
            _unread = _unread[piece.Length..];
            count += piece.Length;
        }

        if (_unread.IsEmpty)
        {
            // So that the window opens now, not when the next bytes are asked for.
            ReadOn(turn.Now);
        }

        if (count > 0)
        {
            return count;
        }

        Settle();
        ThrowIfBroken();
        if (!_isOver)
        {
            later = (_reader ??= NewWaiter()).Task;
        }

        return 0;
    }

    /// <summary>Gives bytes to the connection, as much as it has room for.</summary>
    /// <param name="source">What.</param>
    /// <param name="later">When to go on; null = all was taken.</param>
    /// <returns>How much was taken.</returns>
    /// <exception cref="IOException">The path broke.</exception>
    public int Write(ReadOnlySpan<byte> source, out Task? later)
    {
        later = null;
        using var turn = _driver.Enter();
        ThrowIfBroken();
        if (_isOver || _channel is null)
        {
            throw new IOException("The other end closed the path.");
        }

        _hasWritten = true;
        var most = _connection.PeerMaxMessageBytes is > 0 and < MaxMessage and var limit ? (int)limit : MaxMessage;
        var count = 0;
        while (count < source.Length)
        {
            var piece = source.Slice(count, Math.Min(most, source.Length - count));
            var result = _channel.Send(piece, false, turn.Now);
            if (result == DataChannelSendResult.Closed)
            {
                throw new IOException("The other end closed the path.");
            }

            if (result == DataChannelSendResult.Full)
            {
                later = (_writer ??= NewWaiter()).Task;
                break;
            }

            count += piece.Length;
        }

        ReadOn(turn.Now);
        return count;
    }

    private void WakeStream()
    {
        if (_reader is { } reader && (!_unread.IsEmpty || _isOver || _isDisposed))
        {
            _reader = null;
            reader.TrySetResult();
        }

        if (_writer is { } writer && (_isOver || _isDisposed || _connection.BufferedBytes <= LowWater))
        {
            _writer = null;
            writer.TrySetResult();
        }
    }

    private void ThrowIfBroken()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_connection.FailureReason is { } reason)
        {
            throw new IOException($"The path over UDP broke: {reason}");
        }

        if (_driver.Completion.IsCompleted)
        {
            throw new IOException("The path over UDP broke.", _driver.Completion.Exception?.InnerException);
        }
    }
}
