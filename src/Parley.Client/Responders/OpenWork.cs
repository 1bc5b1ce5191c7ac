namespace Parley.Client.Responders;

/// <summary>Counts what is under way and tells when nothing is: cheaper than a table of tasks.</summary>
internal sealed class OpenWork
{
    private int _count;
    private TaskCompletionSource? _idle;

    /// <summary>One more began.</summary>
    public void Begin() => Interlocked.Increment(ref _count);

    /// <summary>One ended.</summary>
    public void End()
    {
        if (Interlocked.Decrement(ref _count) == 0)
        {
            Volatile.Read(ref _idle)?.TrySetResult();
        }
    }

    /// <summary>Completes when nothing is under way; whoever calls sees to it that nothing new begins.</summary>
    public Task IdleAsync()
    {
        var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        idle = Interlocked.CompareExchange(ref _idle, idle, null) ?? idle;
        if (Volatile.Read(ref _count) == 0)
        {
            idle.TrySetResult();
        }

        return idle.Task;
    }
}
