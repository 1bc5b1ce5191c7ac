namespace Parley.Client.HubLink;

/// <summary>How long to wait before the next dial. Pure; the jitter keeps ten thousand agents from coming back at once.</summary>
/// <remarks>A link that stood is dialled again within a second; a hub that is gone with full jitter up to the cap; a draining hub names the spread (DECISIONS 8).</remarks>
public static class Backoff
{
    private static readonly TimeSpan _first = TimeSpan.FromSeconds(1);

    /// <summary>The wait.</summary>
    /// <param name="failures">Dials that failed since the link last stood.</param>
    /// <param name="spread">What a draining hub asked for, else null.</param>
    /// <param name="cap">Longest wait.</param>
    /// <param name="fraction">A random number from 0 to 1.</param>
    public static TimeSpan Next(int failures, TimeSpan? spread, TimeSpan cap, double fraction)
    {
        var window = spread ?? TimeSpan.FromTicks(Math.Min(cap.Ticks, _first.Ticks << Math.Min(failures, 20)));
        return window * fraction;
    }
}
