namespace Parley.Hub.Connections.Events;

/// <summary>One who follows events; <see cref="EventAudience"/> made it, and disposing it gives the place back.</summary>
internal sealed class EventSeat(EventAudience audience, string? reader, string owner, IReadOnlyList<EventPattern> types) : IDisposable
{
    private volatile TaskCompletionSource _next = NewNext();

    /// <summary>Completes with the next event that is wanted. Take it before the store is read, so that none is missed in between.</summary>
    public Task Next => _next.Task;

    /// <summary>On whose share; null for none.</summary>
    internal string? Reader => reader;

    /// <summary>Whose events.</summary>
    internal string Owner => owner;

    /// <summary>When it went away.</summary>
    internal long? LeftAt { get; set; }

    /// <inheritdoc/>
    public void Dispose() => audience.Leave(this);

    /// <summary>Whether it follows events of this type.</summary>
    internal bool Wants(EventType type) => types.Any(pattern => pattern.Matches(type));

    /// <summary>There is something new. Called under the audience's gate.</summary>
    internal void Wake()
    {
        var told = _next;
        _next = NewNext();
        told.TrySetResult();
    }

    private static TaskCompletionSource NewNext() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
