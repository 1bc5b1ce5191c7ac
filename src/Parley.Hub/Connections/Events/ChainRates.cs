namespace Parley.Hub.Connections.Events;

/// <summary>Counts what one trace brings about: a chain of events that goes on through programs which pass on its trace and nothing else ends by that.</summary>
/// <remarks>Two generations of an hour's length stand for a window; a chain counts for one hour at the least, two at the most. When too many traces are known the older generation goes early.</remarks>
internal sealed class ChainRates(int limit, TimeProvider time)
{
    private const int MaxTraces = 100_000;
    private const int TraceStart = 3;
    private const int TraceLength = 32;

    private static readonly TimeSpan _generation = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private Dictionary<string, int> _present = new(StringComparer.Ordinal);
    private Dictionary<string, int> _former = new(StringComparer.Ordinal);
    private long _since = time.GetTimestamp();

    /// <summary>How many traces are known.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _present.Count + _former.Count;
            }
        }
    }

    /// <summary>Counts deliveries of a chain.</summary>
    /// <param name="traceParent">Its trace, as W3C writes it.</param>
    /// <param name="count">How many.</param>
    /// <returns>Whether it may go on, and whether this is the first time that it may not.</returns>
    public (bool IsAllowed, bool IsNews) Take(string traceParent, int count)
    {
        if (limit <= 0 || count == 0 || traceParent.Length < TraceStart + TraceLength)
        {
            return (true, false);
        }

        var trace = traceParent.Substring(TraceStart, TraceLength);
        lock (_gate)
        {
            if (_present.Count >= MaxTraces || time.GetElapsedTime(_since) > _generation)
            {
                (_former, _present, _since) = (_present, new Dictionary<string, int>(StringComparer.Ordinal), time.GetTimestamp());
            }

            var before = _present.TryGetValue(trace, out var known) ? known : _former.GetValueOrDefault(trace);
            _present[trace] = (int)Math.Min((long)before + count, int.MaxValue);
            return (before + (long)count <= limit, before <= limit && before + (long)count > limit);
        }
    }
}
