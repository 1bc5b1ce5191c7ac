using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.Connections.Events;

/// <summary>Who follows events as they come: streams and long polls. It says which events are worth making for them, and wakes those who want one.</summary>
/// <remarks>A reader that went away counts for another minute: it is likely to be back, and misses nothing meanwhile. Each owner has a share of the places, so that nobody takes them all.</remarks>
internal sealed class EventAudience(ConnectionOptions options, TimeProvider time)
{
    // Admins, and those who follow everybody's events.
    private const string Everybody = "";

    private static readonly TimeSpan _linger = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, HashSet<EventSeat>> _followers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Present, int Left)> _readers = new(StringComparer.Ordinal);
    private readonly Queue<EventSeat> _left = new();
    private int _present;
    private volatile int _count;

    /// <summary>How many follow, or did a moment ago.</summary>
    public int Count => _count;

    /// <summary>The hub stops: who waits hears so.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Follows events; disposing ends it.</summary>
    /// <param name="reader">On whose share, an owner; null for admins, who have none.</param>
    /// <param name="owner">Whose events; null for all.</param>
    /// <param name="types">Which.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RateLimited"/>: too many follow already.</exception>
    public EventSeat Follow(string? reader, string? owner, IReadOnlyList<EventPattern> types)
    {
        lock (_gate)
        {
            ForgetLeft();
            var isShareTaken = reader is not null && _readers.GetValueOrDefault(reader).Present >= options.StreamsPerOwner;
            if (isShareTaken || _present >= options.MaxStreams)
            {
                var why = isShareTaken ? "Too many of this owner follow events, or wait for them (the limit owner-event-streams)." : "Too many follow this hub's events (the limit event-streams).";
                throw new ParleyException(ErrorCode.RateLimited, why) { RetryAfter = TimeSpan.FromSeconds(10) };
            }

            var seat = new EventSeat(this, reader, owner ?? Everybody, types);
            if (!_followers.TryGetValue(seat.Owner, out var followers))
            {
                _followers[seat.Owner] = followers = [];
            }

            followers.Add(seat);
            Note(reader, 1, 0);
            _count++;
            return seat;
        }
    }

    /// <summary>Whether anybody follows events of this kind.</summary>
    public bool IsWanted(AgentAddress source, EventType type)
    {
        lock (_gate)
        {
            return FollowersOf(source).Any(seat => (seat.LeftAt is not { } left || time.GetElapsedTime(left) <= _linger) && seat.Wants(type));
        }
    }

    /// <summary>Lets those go who wait.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            IsStopped = true;
            foreach (var seat in _followers.Values.SelectMany(seats => seats))
            {
                seat.Wake();
            }
        }
    }

    /// <summary>There is a new event.</summary>
    public void Tell(AgentAddress source, EventType type)
    {
        if (_count == 0)
        {
            return;
        }

        lock (_gate)
        {
            foreach (var seat in FollowersOf(source).Where(seat => seat.LeftAt is null && seat.Wants(type)))
            {
                seat.Wake();
            }
        }
    }

    /// <summary>A reader goes away.</summary>
    internal void Leave(EventSeat seat)
    {
        lock (_gate)
        {
            if (seat.LeftAt is not null)
            {
                return;
            }

            seat.LeftAt = time.GetTimestamp();
            Note(seat.Reader, -1, 1);
            ForgetLeft();

            // Those who only come and go take no more room than those who stay.
            if (_left.Count >= options.MaxStreams || (seat.Reader is { } reader && _readers.GetValueOrDefault(reader).Left > options.StreamsPerOwner))
            {
                Forget(seat);
            }
            else
            {
                _left.Enqueue(seat);
            }
        }
    }

    private IEnumerable<EventSeat> FollowersOf(AgentAddress source)
    {
        IEnumerable<EventSeat> own = _followers.TryGetValue(source.Owner, out var followers) ? followers : [];
        return _followers.TryGetValue(Everybody, out var all) ? own.Concat(all) : own;
    }

    // They left in this order.
    private void ForgetLeft()
    {
        while (_left.TryPeek(out var oldest) && time.GetElapsedTime(oldest.LeftAt!.Value) > _linger)
        {
            Forget(_left.Dequeue());
        }
    }

    private void Forget(EventSeat seat)
    {
        var followers = _followers[seat.Owner];
        followers.Remove(seat);
        if (followers.Count == 0)
        {
            _followers.Remove(seat.Owner);
        }

        Note(seat.Reader, 0, -1);
        _count--;
    }

    private void Note(string? reader, int present, int left)
    {
        _present += present;
        if (reader is null)
        {
            return;
        }

        var now = _readers.GetValueOrDefault(reader);
        now = (now.Present + present, now.Left + left);
        if (now == default)
        {
            _readers.Remove(reader);
        }
        else
        {
            _readers[reader] = now;
        }
    }
}
