namespace Parley.Hub.Identity;

/// <summary>Token buckets by key: each key may take <c>burst</c> at once and gets them back over time. Bounded: when the table is full, the keys that are whole again go first.</summary>
/// <remarks>A full table of busy keys refuses new ones; an attacker with many addresses slows newcomers then, not those who are known.</remarks>
internal sealed class RateLimiter
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly double _burst;
    private readonly double _perSecond;
    private readonly int _maxKeys;

    /// <summary>A table of buckets.</summary>
    /// <param name="burst">How many a key may take at once.</param>
    /// <param name="period">In which time that many come back.</param>
    /// <param name="maxKeys">Most keys remembered.</param>
    /// <param name="time">The clock.</param>
    public RateLimiter(int burst, TimeSpan period, int maxKeys, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(burst);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        (_burst, _perSecond, _maxKeys, _time) = (burst, burst / period.TotalSeconds, maxKeys, time);
    }

    /// <summary>How many keys are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _buckets.Count;
            }
        }
    }

    /// <summary>Takes one for the key.</summary>
    /// <returns>Null when it was there, else how long until the next one is.</returns>
    public TimeSpan? TryTake(string key) => Take(key, 1);

    /// <summary>Whether the key could take one now; takes nothing.</summary>
    public TimeSpan? Peek(string key) => Take(key, 0);

    private TimeSpan? Take(string key, double amount)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            if (!_buckets.TryGetValue(key, out var bucket))
            {
                if (amount == 0)
                {
                    return null;
                }

                if (_buckets.Count >= _maxKeys && !MakeRoom(now))
                {
                    return TimeSpan.FromSeconds(1 / _perSecond);
                }

                bucket = new Bucket(_burst, now);
            }

            var tokens = LevelOf(bucket, now);
            if (tokens < 1)
            {
                return TimeSpan.FromSeconds((1 - tokens) / _perSecond);
            }

            _buckets[key] = new Bucket(tokens - amount, now);
            return null;
        }
    }

    private double LevelOf(Bucket bucket, long now) => Math.Min(_burst, bucket.Tokens + (_time.GetElapsedTime(bucket.At, now).TotalSeconds * _perSecond));

    private bool MakeRoom(long now)
    {
        foreach (var (key, _) in _buckets.Where(entry => LevelOf(entry.Value, now) >= _burst).ToList())
        {
            _buckets.Remove(key);
        }

        return _buckets.Count < _maxKeys;
    }

    private readonly record struct Bucket(double Tokens, long At);
}
