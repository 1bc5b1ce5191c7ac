namespace Parley.Client.Messaging;

/// <summary>One place per thread and target: the next message of a thread leaves when the one before was accepted. Lanes that nobody uses are forgotten.</summary>
/// <remarks>Safe from many threads.</remarks>
internal sealed class SendLanes
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Target, string Thread), Lane> _lanes = [];

    /// <summary>How many lanes are in use.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _lanes.Count;
            }
        }
    }

    /// <summary>Waits for the place; disposing gives it to the next. Null without a thread: such messages keep no order.</summary>
    public async Task<IDisposable?> EnterAsync(string target, string thread, CancellationToken cancellationToken)
    {
        if (thread.Length == 0)
        {
            return null;
        }

        var key = (target, thread);
        Lane lane;
        lock (_gate)
        {
            if (!_lanes.TryGetValue(key, out lane!))
            {
                _lanes.Add(key, lane = new Lane());
            }

            lane.Users++;
        }

        try
        {
            await lane.Gate.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave(key, lane);
            throw;
        }

        return new Place(this, key, lane);
    }

    private void Leave((string Target, string Thread) key, Lane lane)
    {
        lock (_gate)
        {
            if (--lane.Users == 0)
            {
                _lanes.Remove(key);
            }
        }
    }

    private sealed class Lane
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        /// <summary>Those who hold or wait for the place; under the gate of all lanes.</summary>
        public int Users { get; set; }
    }

    private sealed class Place(SendLanes lanes, (string Target, string Thread) key, Lane lane) : IDisposable
    {
        private int _isLeft;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isLeft, 1) == 0)
            {
                lane.Gate.Release();
                lanes.Leave(key, lane);
            }
        }
    }
}
