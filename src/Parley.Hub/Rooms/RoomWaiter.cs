namespace Parley.Hub.Rooms;

/// <summary>Somebody who waits for the next thing in a seat's inbox. Ended once: with an item, with nothing (the time is up), or with a refusal.</summary>
internal sealed class RoomWaiter
{
    // Continuations run elsewhere: whoever ends a wait holds the room's gate.
    private readonly TaskCompletionSource<RoomItem?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the wait came to; null: nothing came in time.</summary>
    public Task<RoomItem?> Ended => _ended.Task;

    /// <summary>Hands over an item, or null when the time is up.</summary>
    public void End(RoomItem? item) => _ended.TrySetResult(item);

    /// <summary>Refuses.</summary>
    public void Refuse(Exception refusal) => _ended.TrySetException(refusal);

    /// <summary>Whoever waited is gone.</summary>
    public void Cancel() => _ended.TrySetCanceled();
}
