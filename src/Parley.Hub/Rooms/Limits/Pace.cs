namespace Parley.Hub.Rooms.Limits;

/// <summary>An even rate with room for bursts (a leaky bucket kept as one time: when it will be empty).</summary>
internal sealed class Pace
{
    private readonly Lock _gate = new();
    private TimeSpan _emptyAt;

    /// <summary>Takes a turn now if there is one.</summary>
    /// <returns>Zero, or how long until the next one.</returns>
    public TimeSpan Take(int count, TimeSpan period, TimeSpan now) => Reserve(count, period, now, TimeSpan.Zero);

    /// <summary>Takes the next turn, unless it is too far away.</summary>
    /// <param name="count">Turns in a period.</param>
    /// <param name="period">The period.</param>
    /// <param name="now">The time.</param>
    /// <param name="longest">The turn is taken if the wait for it is no longer than this.</param>
    /// <returns>How long until the turn.</returns>
    public TimeSpan Reserve(int count, TimeSpan period, TimeSpan now, TimeSpan longest)
    {
        lock (_gate)
        {
            var next = (_emptyAt > now ? _emptyAt : now) + (period / count);
            var wait = next - now - period;
            if (wait <= longest)
            {
                _emptyAt = next;
            }

            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }
}
