namespace Parley.Hub.Connections.Outbox;

/// <summary>The time of day, but for steps back: when somebody sets the clock back, it goes on from where it was, so that nothing waits for a time that comes twice.</summary>
/// <remarks>Steps ahead are followed at once. After a restart it is the time of day again.</remarks>
internal sealed class SteadyClock(TimeProvider time)
{
    private readonly Lock _gate = new();
    private DateTimeOffset _last = time.GetUtcNow();
    private long _at = time.GetTimestamp();

    /// <summary>The time.</summary>
    public DateTimeOffset Now
    {
        get
        {
            lock (_gate)
            {
                var (now, at) = (time.GetUtcNow(), time.GetTimestamp());
                var steady = _last + time.GetElapsedTime(_at, at);
                (_last, _at) = (now > steady ? now : steady, at);
                return _last;
            }
        }
    }
}
