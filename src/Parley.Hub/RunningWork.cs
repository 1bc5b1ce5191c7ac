namespace Parley.Hub;

/// <summary>Counts work that runs by itself, so that its end can be waited for.</summary>
internal sealed class RunningWork
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for the owner, who waits for the others.
    private int _count = 1;

    /// <summary>Adds work; it must not throw.</summary>
    public void Add(Task work)
    {
        if (!work.IsCompleted)
        {
            Interlocked.Increment(ref _count);
            work.GetAwaiter().OnCompleted(Remove);
        }
    }

    /// <summary>Completes when all work has ended.</summary>
    public Task EndAsync()
    {
        Remove();
        return _ended.Task;
    }

    private void Remove()
    {
        if (Interlocked.Decrement(ref _count) == 0)
        {
            _ended.TrySetResult();
        }
    }
}
