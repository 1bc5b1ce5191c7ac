namespace Parley.Cli.Hosting;

/// <summary>Decides when a hub that has become quiet gives back the memory that a burst of work left behind.</summary>
/// <remarks>
/// The runtime collects when something is allocated. A hub whose agents have all come and now wait allocates next to nothing, so the garbage of their coming would stay resident for
/// hours. The collection halts the process for tens of milliseconds with thousands of agents, hence only in quiet times and seldom.
/// </remarks>
internal sealed class QuietMemory
{
    /// <summary>How often to ask.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // Less garbage than this is not worth a halt.
    private const long WorthwhileBytes = 16L << 20;

    // Share of one core below which the process is quiet.
    private const double QuietShare = 0.1;

    private static readonly TimeSpan _apart = TimeSpan.FromMinutes(5);

    private TimeSpan? _asked;
    private TimeSpan? _collected;
    private TimeSpan _processorTime;
    private long _allocatedThen;

    /// <summary>Whether to collect now; whoever is told so does.</summary>
    /// <param name="allocatedBytes">Allocated since the process began.</param>
    /// <param name="processorTime">Used since the process began.</param>
    /// <param name="now">Since any origin.</param>
    public bool IsDue(long allocatedBytes, TimeSpan processorTime, TimeSpan now)
    {
        var isQuiet = _asked is { } asked && processorTime - _processorTime < (now - asked) * QuietShare;
        (_asked, _processorTime) = (now, processorTime);
        if (!isQuiet || allocatedBytes - _allocatedThen < WorthwhileBytes || (_collected is { } collected && now - collected < _apart))
        {
            return false;
        }

        (_collected, _allocatedThen) = (now, allocatedBytes);
        return true;
    }
}
