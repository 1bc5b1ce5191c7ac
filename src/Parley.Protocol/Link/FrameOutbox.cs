using Parley.Protocol.Wire;

namespace Parley.Protocol.Link;

/// <summary>The frames that wait for one link, and the one writer that sends them: many frames, one write.</summary>
/// <remarks>
/// Any thread appends; the first flush that finds no writer at work becomes the writer and goes on until nothing is left.
/// Appending never waits. Whoever feeds the outbox watches <see cref="PendingBytes"/> and stops feeding a reader that is too slow.
/// </remarks>
public sealed class FrameOutbox
{
    private readonly Lock _gate = new();
    private readonly ILinkTransport _transport;
    private readonly CancellationToken _closing;
    private PooledBuffer _filling = new();
    private PooledBuffer _writing = new();
    private bool _isWriting;
    private bool _isClosed;
    private TaskCompletionSource? _emptied;

    /// <summary>An outbox in front of a transport.</summary>
    /// <param name="transport">Where the bytes go.</param>
    /// <param name="closing">Ends writes in progress.</param>
    public FrameOutbox(ILinkTransport transport, CancellationToken closing)
    {
        _transport = transport;
        _closing = closing;
    }

    /// <summary>Bytes that the transport has not taken yet.</summary>
    public int PendingBytes
    {
        get
        {
            lock (_gate)
            {
                return _filling.Length + _writing.Length;
            }
        }
    }

    /// <summary>Puts a frame at the end; it goes out with the next flush. After the link broke nothing happens.</summary>
    public void Append(Frame frame)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                FrameCodec.Write(_filling, frame);
            }
        }
    }

    /// <summary>Puts a frame at the end and sends what waits.</summary>
    public void Send(Frame frame)
    {
        Append(frame);
        Flush();
    }

    /// <summary>Starts sending what waits, unless a writer is at work already; does not wait for it.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_isWriting || _isClosed || _filling.Length == 0)
            {
                return;
            }

            _isWriting = true;
        }

        _ = WriteAllAsync();
    }

    /// <summary>Sends what waits and completes when the transport took all of it, or the link broke.</summary>
    public Task FlushAsync()
    {
        Task emptied;
        lock (_gate)
        {
            if (_isClosed || (!_isWriting && _filling.Length == 0))
            {
                return Task.CompletedTask;
            }

            emptied = (_emptied ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        Flush();
        return emptied;
    }

    /// <summary>Drops what waits and takes no more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (!_isWriting)
            {
                Finish();
            }
        }
    }

    private async Task WriteAllAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_isClosed || _filling.Length == 0)
                {
                    Finish();
                    return;
                }

                (_filling, _writing) = (_writing, _filling);
            }

            try
            {
                await _transport.WriteAsync(_writing.Written, _closing);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                // The reader of the same link sees the break too and reports it; here only the waiting frames go.
                lock (_gate)
                {
                    _isClosed = true;
                    Finish();
                }

                return;
            }

            lock (_gate)
            {
                _writing.Release();
            }
        }
    }

    /// <summary>Called under the gate when the writer stops.</summary>
    private void Finish()
    {
        _isWriting = false;
        if (_isClosed)
        {
            _filling.Release();
            _writing.Release();
        }

        _emptied?.TrySetResult();
        _emptied = null;
    }
}
