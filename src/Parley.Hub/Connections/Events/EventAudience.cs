using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.Connections.Events;

/// <summary>Who follows events as they come: streams and long polls. It says which events are worth making for them, and tells them that there are new ones.</summary>
/// <remarks>A reader that went away counts for another minute: it is likely to be back, and misses nothing meanwhile.</remarks>
internal sealed class EventAudience(ConnectionOptions options, TimeProvider time)
{
    private static readonly TimeSpan _linger = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly HashSet<Seat> _seats = [];
    private volatile int _count;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many follow, or did a moment ago.</summary>
    public int Count => _count;

    /// <summary>Completes with the next event; taken before the store is read, so that none is missed in between.</summary>
    public Task Next
    {
        get
        {
            lock (_gate)
            {
                return _next.Task;
            }
        }
    }

    /// <summary>Follows events; disposing ends it.</summary>
    /// <param name="owner">Whose; null for all.</param>
    /// <param name="types">Which.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RateLimited"/>: too many follow already.</exception>
    public IDisposable Follow(string? owner, IReadOnlyList<EventPattern> types)
    {
        lock (_gate)
        {
            _seats.RemoveWhere(seat => seat.LeftAt is { } left && time.GetElapsedTime(left) > _linger);
            if (_seats.Count(seat => seat.LeftAt is null) >= options.MaxStreams)
            {
                throw new ParleyException(ErrorCode.RateLimited, "Too many follow this hub's events (the limit event-streams).") { RetryAfter = TimeSpan.FromSeconds(10) };
            }

            var seat = new Seat(this, owner, types);
            _seats.Add(seat);
            _count = _seats.Count;
            return seat;
        }
    }

    /// <summary>Whether anybody follows events of this kind.</summary>
    public bool IsWanted(AgentAddress source, EventType type)
    {
        lock (_gate)
        {
            return _seats.Any(seat => (seat.LeftAt is not { } left || time.GetElapsedTime(left) <= _linger) && (seat.Owner is null || seat.Owner == source.Owner) && seat.Types.Any(pattern => pattern.Matches(type)));
        }
    }

    /// <summary>The hub stops: who waits hears so.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Lets those go who wait.</summary>
    public void Stop()
    {
        IsStopped = true;
        Tell();
    }

    /// <summary>There are new events.</summary>
    public void Tell()
    {
        TaskCompletionSource told;
        lock (_gate)
        {
            (told, _next) = (_next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        told.TrySetResult();
    }

    private int MaxStreams => options.MaxStreams;

    private long Now => time.GetTimestamp();

    private sealed class Seat(EventAudience audience, string? owner, IReadOnlyList<EventPattern> types) : IDisposable
    {
        public string? Owner => owner;

        public IReadOnlyList<EventPattern> Types => types;

        public long? LeftAt { get; private set; }

        public void Dispose()
        {
            lock (audience._gate)
            {
                LeftAt ??= audience.Now;

                // Those who only come and go take no more room than those who stay.
                if (audience._seats.Count(seat => seat.LeftAt is not null) > audience.MaxStreams)
                {
                    audience._seats.Remove(this);
                }
            }
        }
    }
}
