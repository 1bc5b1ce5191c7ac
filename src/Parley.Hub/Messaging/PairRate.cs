namespace Parley.Hub.Messaging;

/// <summary>A token bucket for one sender and one receiver: two agents that answer each other for ever are slowed, then stopped. The ledger's gate guards it.</summary>
internal sealed class PairRate
{
    private double _tokens = double.NaN;
    private long _last;

    /// <summary>Takes one token.</summary>
    /// <param name="perSecond">Tokens that come back each second; 0 = no limit.</param>
    /// <param name="burst">Most tokens there are at once.</param>
    /// <param name="nowMs">The time in milliseconds. Clocks are set back: then no tokens come back for that while, and none are lost.</param>
    public bool TryTake(double perSecond, double burst, long nowMs)
    {
        if (perSecond <= 0)
        {
            return true;
        }

        _tokens = double.IsNaN(_tokens) ? burst : Math.Min(burst, _tokens + (Math.Max(0, nowMs - _last) * perSecond / 1000));
        _last = nowMs;
        if (_tokens < 1)
        {
            return false;
        }

        _tokens--;
        return true;
    }
}
