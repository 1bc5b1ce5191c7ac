namespace Parley.Client.Transfer.Sending;

/// <summary>What of files is on its way and not acknowledged, for a receiver that said how much that may be: it cannot keep its transport from taking more, as a browser cannot.</summary>
/// <param name="bytes">How much; one frame may always go.</param>
internal sealed class SendWindow(int bytes)
{
    private readonly Lock _gate = new();
    private readonly Queue<(int Entry, int Chunk, int Bytes)> _out = new();
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _waiting;

    /// <summary>Counts a chunk, or a whole file as its chunk 0, when there is room for it.</summary>
    public bool TryEnter(int entry, int chunk, int length)
    {
        lock (_gate)
        {
            if (_waiting > 0 && _waiting + length > bytes)
            {
                return false;
            }

            _out.Enqueue((entry, chunk, length));
            _waiting += length;
            return true;
        }
    }

    /// <summary>Counts it once there is room.</summary>
    public async Task EnterAsync(int entry, int chunk, int length, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task news;
            lock (_gate)
            {
                news = _news.Task;
            }

            if (TryEnter(entry, chunk, length))
            {
                return;
            }

            await news.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The receiver is so far: all entries before this one, and of it so many chunks; 0 when it is settled.</summary>
    public void Acknowledge(int entry, int chunks)
    {
        TaskCompletionSource news;
        lock (_gate)
        {
            while (_out.TryPeek(out var first) && (first.Entry < entry || (first.Entry == entry && (chunks == 0 || first.Chunk < chunks))))
            {
                _waiting -= _out.Dequeue().Bytes;
            }

            (news, _news) = (_news, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        news.TrySetResult();
    }
}
