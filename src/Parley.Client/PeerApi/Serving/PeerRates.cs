using Parley.Client.PeerApi.Entries;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi.Serving;

/// <summary>Counts what each peer asks: in any hour, in any day, and at once. Thread-safe; a restart begins anew.</summary>
/// <param name="timeProvider">The clock.</param>
public sealed class PeerRates(TimeProvider timeProvider)
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan _day = TimeSpan.FromDays(1);
    private static readonly TimeSpan _soon = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Count> _counts = new(StringComparer.Ordinal);

    /// <summary>Questions of all peers that are not answered yet.</summary>
    public int Open
    {
        get
        {
            lock (_lock)
            {
                return _counts.Values.Sum(count => count.Open);
            }
        }
    }

    /// <summary>Counts one question; disposing says that it was answered.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RateLimited"/>, with the time to wait.</exception>
    public IDisposable Enter(PeerEntry peer)
    {
        lock (_lock)
        {
            var now = timeProvider.GetUtcNow();
            if (!_counts.TryGetValue(peer.Name, out var count))
            {
                _counts[peer.Name] = count = new Count(_lock);
            }

            while (count.Asked.TryPeek(out var first) && now - first >= _day)
            {
                count.Asked.Dequeue();
            }

            if (count.Open >= peer.Rate.AtOnce)
            {
                throw Refused(_soon);
            }

            CheckWindow(count.Asked, peer.Rate.PerHour, _hour, now);
            CheckWindow(count.Asked, peer.Rate.PerDay, _day, now);
            count.Asked.Enqueue(now);
            count.Open++;
            return new Place(count);
        }
    }

    // The question that must grow old before there is room is the one that stands the limit's length from the end.
    private static void CheckWindow(Queue<DateTimeOffset> asked, int? limit, TimeSpan window, DateTimeOffset now)
    {
        if (limit is { } most && asked.Count >= most && now - asked.ElementAt(asked.Count - most) is var age && age < window)
        {
            throw Refused(window - age);
        }
    }

    private static ParleyException Refused(TimeSpan wait) => new(ErrorCode.RateLimited, "This peer asks too often.") { RetryAfter = wait };

    private sealed class Count(Lock gate)
    {
        public Queue<DateTimeOffset> Asked { get; } = new();

        public int Open { get; set; }

        public Lock Gate { get; } = gate;
    }

    private sealed class Place(Count count) : IDisposable
    {
        private bool _isLeft;

        public void Dispose()
        {
            lock (count.Gate)
            {
                count.Open -= _isLeft ? 0 : 1;
                _isLeft = true;
            }
        }
    }
}
