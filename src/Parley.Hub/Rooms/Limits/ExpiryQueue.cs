namespace Parley.Hub.Rooms.Limits;

/// <summary>Something to look at when its time comes.</summary>
/// <param name="look">Looks, and says when to look again; null: never.</param>
internal sealed class Expiry(Func<TimeSpan, TimeSpan?> look)
{
    private Func<TimeSpan, TimeSpan?>? _look = look;

    /// <summary>Looks.</summary>
    public TimeSpan? Look(TimeSpan now) => _look?.Invoke(now);

    /// <summary>Forgets what it would have looked at; its place in the queue falls away when its time comes.</summary>
    public void Cancel() => _look = null;
}

/// <summary>What expires, by time, so that nobody ever looks at what is not due. A thing that lives longer than it said is put back, not moved on each use.</summary>
internal sealed class ExpiryQueue
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Expiry, TimeSpan> _queue = new();

    /// <summary>Adds something.</summary>
    public Expiry Add(TimeSpan due, Func<TimeSpan, TimeSpan?> look)
    {
        var expiry = new Expiry(look);
        Add(due, expiry);
        return expiry;
    }

    /// <summary>Looks at all that is due.</summary>
    public void Run(TimeSpan now)
    {
        while (TakeDue(now) is { } expiry)
        {
            if (expiry.Look(now) is { } again)
            {
                Add(again, expiry);
            }
        }
    }

    private void Add(TimeSpan due, Expiry expiry)
    {
        lock (_gate)
        {
            _queue.Enqueue(expiry, due);
        }
    }

    private Expiry? TakeDue(TimeSpan now)
    {
        lock (_gate)
        {
            return _queue.TryPeek(out _, out var due) && due <= now ? _queue.Dequeue() : null;
        }
    }
}
