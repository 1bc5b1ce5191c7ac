namespace Parley.Hub.AgentApi.Tasks;

/// <summary>A task that memory holds for somebody.</summary>
/// <param name="task">The task.</param>
/// <param name="number">The event that a send brought about; 0 for none.</param>
/// <param name="isRepeat">The send was known.</param>
internal sealed class TaskLease(OpenTask task, long number = 0, bool isRepeat = false) : IDisposable
{
    private bool _isReleased;

    /// <summary>The task.</summary>
    public OpenTask Task => task;

    /// <summary>The event that a send brought about; 0 for none.</summary>
    public long Number => number;

    /// <summary>The send was known: it is the same task as before.</summary>
    public bool IsRepeat => isRepeat;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isReleased)
        {
            _isReleased = true;
            task.Release();
        }
    }
}
