namespace Parley.Protocol.Stun;

/// <summary>When a request over UDP is sent again, and when nobody answers it any more (RFC 8489, section 6.2.1).</summary>
/// <remarks>After the first sending waits double from <see cref="FirstWait"/> up to <see cref="LongestWait"/>; after the last of <see cref="MaxSendings"/> one more wait of the longest passes.</remarks>
public record struct StunRetry
{
    /// <summary>Sendings of one request at most.</summary>
    public const int MaxSendings = 7;

    private TimeSpan _wait;
    private int _sendings;

    /// <summary>Longest wait between two sendings.</summary>
    public static TimeSpan LongestWait { get; } = TimeSpan.FromSeconds(4);

    /// <summary>Wait after the first sending.</summary>
    public static TimeSpan FirstWait { get; } = TimeSpan.FromMilliseconds(500);

    /// <summary>When something is due.</summary>
    public TimeSpan NextAt { get; private set; }

    /// <summary>It was sent the last time, and that is long ago.</summary>
    public readonly bool IsSpent(TimeSpan now) => _sendings >= MaxSendings && now >= NextAt;

    /// <summary>It is to be sent, again or the first time.</summary>
    public readonly bool IsDue(TimeSpan now) => _sendings < MaxSendings && now >= NextAt;

    /// <summary>It was sent.</summary>
    /// <param name="now">When.</param>
    /// <param name="firstWait">Wait after the first sending.</param>
    public void Sent(TimeSpan now, TimeSpan firstWait)
    {
        _wait = _sendings == 0 ? firstWait : _wait + _wait;
        if (++_sendings >= MaxSendings || _wait > LongestWait)
        {
            _wait = LongestWait;
        }

        NextAt = now + _wait;
    }
}
