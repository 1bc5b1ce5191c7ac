namespace Parley.Client.Rooms.Supervision;

/// <summary>What a room says next, read on while its reader is busy: a wait stands at the hub all the while, and the end of the room is noticed whatever came before it. One caller at a time.</summary>
/// <param name="read">Waits for the room's next item.</param>
internal sealed class ReadAhead(Func<Task<RoomItem>> read)
{
    /// <summary>Items that wait for a busy reader; what comes beyond them stays in the hub's inbox.</summary>
    public const int MaxWaiting = 64;

    private readonly Queue<Task<RoomItem>> _items = [];
    private Task<RoomItem> _last = Task.FromException<RoomItem>(new InvalidOperationException("Nothing is read yet."));

    /// <summary>Reads the first item.</summary>
    public void Start() => Read();

    /// <summary>The next item, and reads on.</summary>
    public async Task<RoomItem> NextAsync()
    {
        var item = await _items.Peek();
        _ = _items.Dequeue();
        if (_items.Count == 0 && !item.EndsRoom)
        {
            Read();
        }

        return item;
    }

    /// <summary>Reads on until the reader is done with its work, or the room with its life.</summary>
    /// <returns>Whether the room ended first.</returns>
    public async Task<bool> EndsBeforeAsync(Task work)
    {
        while (await Task.WhenAny(work, _last) == _last && !_last.IsCanceled)
        {
            if (_last.IsFaulted || (await _last).EndsRoom)
            {
                return true;
            }

            if (_items.Count >= MaxWaiting)
            {
                break;
            }

            Read();
        }

        return false;
    }

    /// <summary>Waits for the read that was cancelled.</summary>
    public Task StopAsync() => _last.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    private void Read()
    {
        _last = read();
        _items.Enqueue(_last);
    }
}
