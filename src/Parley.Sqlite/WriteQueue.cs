namespace Parley.Sqlite;

/// <summary>The works that wait for the writer: many threads add, one takes them in groups.</summary>
internal sealed class WriteQueue(int maxQueued, int maxBatch)
{
    // A monitor, since the writer waits on it.
    private readonly object _gate = new();
    private readonly Queue<IStoreWork> _works = new();
    private bool _isClosed;

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _works.Count;
            }
        }
    }

    /// <summary>Appends a work.</summary>
    /// <exception cref="StoreUnavailableException">Too many wait already.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public void Add(IStoreWork work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SqliteStore));
            if (_works.Count >= maxQueued)
            {
                throw new StoreUnavailableException("The store is slower than its writers; too many writes wait.");
            }

            _works.Enqueue(work);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Refuses further works; those that wait are still taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits for works and takes the next group: up to the limit, or one exclusive work alone. False when the queue is closed and empty.</summary>
    public bool Take(List<IStoreWork> group)
    {
        group.Clear();
        lock (_gate)
        {
            while (_works.Count == 0 && !_isClosed)
            {
                Monitor.Wait(_gate);
            }

            Fill(group);
            return group.Count > 0;
        }
    }

    private void Fill(List<IStoreWork> group)
    {
        while (group.Count < maxBatch && _works.TryPeek(out var work) && (group.Count == 0 || !work.IsExclusive))
        {
            group.Add(_works.Dequeue());
            if (work.IsExclusive)
            {
                return;
            }
        }
    }
}
