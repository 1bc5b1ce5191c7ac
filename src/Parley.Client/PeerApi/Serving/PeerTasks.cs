using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi.Serving;

/// <summary>The questions that peers asked, until some time after their end: who went away, or whose line broke, asks for the answer again. Thread-safe.</summary>
/// <remarks>What goes on is bounded by the peers' <c>atOnce</c>, what has ended by number, size and age.</remarks>
internal sealed class PeerTasks : IAsyncDisposable
{
    /// <summary>How long an answer is kept. <value>15 min.</value></summary>
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(15);

    /// <summary>Ended tasks of one peer that are kept; the oldest go.</summary>
    public const int MaxEndedPerPeer = 64;

    /// <summary>Bytes of answers that are kept of one peer; the oldest go. <value>8 MiB.</value></summary>
    public const int MaxBytesPerPeer = 8 * 1024 * 1024;

    /// <summary>Calls of one peer that may wait for ends of tasks at the same time; further ones are answered at once.</summary>
    public const int MaxWaitsPerPeer = 16;

    private static readonly TimeSpan _sweepEvery = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _timeProvider;
    private readonly ITimer _sweep;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Peer, string Id), PeerTask> _tasks = [];
    private readonly Dictionary<string, int> _waits = new(StringComparer.Ordinal);

    /// <summary>Begins without tasks.</summary>
    public PeerTasks(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _sweep = timeProvider.CreateTimer(_ => Sweep(), null, _sweepEvery, _sweepEvery);
    }

    /// <summary>Notes a question.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Conflict"/>: the peer has one of that id.</exception>
    public PeerTask Begin(string peer, string id)
    {
        lock (_lock)
        {
            Prune();
            var task = new PeerTask(peer, id);
            return _tasks.TryAdd((peer, id), task) ? task : throw new ParleyException(ErrorCode.Conflict, "There is a task of this id.");
        }
    }

    /// <summary>A peer's task. That of another peer is as unknown as none.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>.</exception>
    public PeerTask Find(string peer, string id)
    {
        lock (_lock)
        {
            Prune();
            return _tasks.TryGetValue((peer, id), out var task) ? task : throw new ParleyException(ErrorCode.NotFound, "There is no such task.") { Field = PeerErrors.Task };
        }
    }

    /// <summary>Waits for a task's end; returns in any case when the time is up.</summary>
    public async Task WaitAsync(PeerTask task, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait <= TimeSpan.Zero || task.Ended.IsCompleted || !TryEnter(task.Peer))
        {
            return;
        }

        try
        {
            await task.Ended.WaitAsync(wait < PeerTask.MaxWait ? wait : PeerTask.MaxWait, _timeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            // It goes on.
        }
        finally
        {
            lock (_lock)
            {
                _waits[task.Peer]--;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _sweep.DisposeAsync();

    private bool TryEnter(string peer)
    {
        lock (_lock)
        {
            var count = _waits.GetValueOrDefault(peer);
            _waits[peer] = count < MaxWaitsPerPeer ? count + 1 : count;
            return count < MaxWaitsPerPeer;
        }
    }

    private void Sweep()
    {
        lock (_lock)
        {
            Prune();
        }
    }

    private void Prune()
    {
        var now = _timeProvider.GetUtcNow();
        foreach (var ofPeer in _tasks.Values.Where(task => task.EndedAt is not null).GroupBy(task => task.Peer).ToList())
        {
            var (count, bytes) = (0, 0L);
            foreach (var task in ofPeer.OrderByDescending(task => task.EndedAt))
            {
                (count, bytes) = (count + 1, bytes + task.Size);
                if (now - task.EndedAt > Kept || count > MaxEndedPerPeer || (count > 1 && bytes > MaxBytesPerPeer))
                {
                    _tasks.Remove((task.Peer, task.Id));
                    task.Dispose();
                }
            }
        }
    }
}
