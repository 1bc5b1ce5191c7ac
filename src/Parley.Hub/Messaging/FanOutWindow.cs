namespace Parley.Hub.Messaging;

/// <summary>Counts the different agents that one agent writes to within a short time: no client can claim a smaller number. The ledger's gate guards it.</summary>
internal sealed class FanOutWindow
{
    /// <summary>How long targets count.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> _targets = [];
    private long _endMs;

    /// <summary>Counts a target; false when it would be one too many.</summary>
    public bool TryCount(string target, int limit, long nowMs)
    {
        // A window that ends later than one that began now was made before the clock was set back.
        var endMs = nowMs + (long)Length.TotalMilliseconds;
        if (nowMs >= _endMs || _endMs > endMs)
        {
            _targets.Clear();
            _endMs = endMs;
        }

        if (_targets.Contains(target))
        {
            return true;
        }

        return _targets.Count < limit && _targets.Add(target);
    }
}
