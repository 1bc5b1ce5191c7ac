namespace Parley.Client.Responders;

/// <summary>Counts what is under way and tells when nothing is: cheaper than a table of tasks.</summary>
internal sealed class OpenWork
{
    private readonly Lock _gate = new();
    private int _count;
    private TaskCompletionSource? _idle;

    /// <summary>One more began.</summary>
    public void Begin() => Interlocked.Increment(ref _count);

    /// <summary>One ended.</summary>
    public void End()
    {
        if (Interlocked.Decrement(ref _count) == 0 && Volatile.Read(ref _idle) is not null)
        {
            Tell();
        }
    }

    /// <summary>Completes when nothing is under way; whoever calls sees to it that nothing new begins. May be called again and again.</summary>
    public Task IdleAsync()
    {
        Task idle;
        lock (_gate)
        {
            idle = (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        // The last one may have ended before it could see that somebody waits.
        Interlocked.MemoryBarrier();
        Tell();
        return idle;
    }

    private void Tell()
    {
        lock (_gate)
        {
            if (Volatile.Read(ref _count) == 0)
            {
                _idle?.TrySetResult();
                _idle = null;
            }
        }
    }
}
