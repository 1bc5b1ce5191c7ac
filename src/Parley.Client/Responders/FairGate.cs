namespace Parley.Client.Responders;

/// <summary>Lets at most so many runs in at once, first come first served, and never two of one lane: messages of one thread are answered in order.</summary>
internal sealed class FairGate(int limit)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private readonly HashSet<string> _busyLanes = new(StringComparer.Ordinal);
    private int _running;

    /// <summary>Takes a place that is free now, when nobody waits for one; null otherwise.</summary>
    /// <param name="lane">Runs of one lane follow one another; null: no lane.</param>
    public IDisposable? TryEnter(string? lane)
    {
        lock (_lock)
        {
            if (_running >= limit || _waiting.Count > 0 || (lane is not null && !_busyLanes.Add(lane)))
            {
                return null;
            }

            _running++;
        }

        return new Place(this, lane);
    }

    /// <summary>Waits for a place; disposing the result gives it back.</summary>
    /// <param name="lane">Runs of one lane follow one another; null: no lane.</param>
    /// <param name="cancellationToken">Gives up the place in the queue.</param>
    public async Task<IDisposable> EnterAsync(string? lane, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new Waiter(lane);
        lock (_lock)
        {
            _waiting.AddLast(waiter);
            Admit();
        }

        using var registration = cancellationToken.Register(() => GiveUp(waiter, cancellationToken));
        await waiter.Turn.Task;
        return new Place(this, lane);
    }

    private void GiveUp(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_waiting.Remove(waiter))
            {
                waiter.Turn.TrySetCanceled(cancellationToken);
            }
        }
    }

    private void Leave(string? lane)
    {
        lock (_lock)
        {
            _running--;
            if (lane is not null)
            {
                _busyLanes.Remove(lane);
            }

            Admit();
        }
    }

    private void Admit()
    {
        for (var node = _waiting.First; node is not null && _running < limit;)
        {
            var next = node.Next;
            if (node.Value.Lane is not { } lane || _busyLanes.Add(lane))
            {
                _running++;
                _waiting.Remove(node);
                node.Value.Turn.SetResult();
            }

            node = next;
        }
    }

    private sealed class Waiter(string? lane)
    {
        public string? Lane { get; } = lane;

        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Place(FairGate gate, string? lane) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                gate.Leave(lane);
            }
        }
    }
}
