namespace Parley.Client.Peering.Paths;

/// <summary>Which of the ways that were found is taken, and when: a better kind wins, but is not waited for longer than it is worth. Pure; the opener of the session decides, the other end follows.</summary>
/// <remarks>
/// A kind that was found waits for better ones until it is due: for their head start, and on a slow network for half as long again as it took itself. After that it waits on only while a better kind
/// is promising, which means that the other end was heard on it: such a kind comes soon, or not at all.
/// </remarks>
internal sealed class PathRace
{
    /// <summary>How often it is looked whether a better kind still is promising.</summary>
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<PathKind, Entry> _entries;

    /// <summary>A race that begins now.</summary>
    /// <param name="kinds">The kinds that are tried.</param>
    public PathRace(IEnumerable<PathKind> kinds) => _entries = kinds.Distinct().ToDictionary(kind => kind, _ => new Entry());

    /// <summary>Whether nothing was found and nothing is tried any more.</summary>
    public bool IsLost => _entries.Values.All(entry => entry.IsOver && entry.Found is null);

    /// <summary>How long better kinds are waited for at least, from the beginning of the race, once this kind was found.</summary>
    public static TimeSpan HeadStartOver(PathKind kind) => kind switch
    {
        PathKind.DirectTcp => TimeSpan.Zero,
        PathKind.DirectUdp => TimeSpan.FromMilliseconds(250),
        _ => TimeSpan.FromMilliseconds(750),
    };

    /// <summary>How long a promising better kind is waited for at most, from the beginning of the race: well within the time of an attempt, since what was found must be told to the other end.</summary>
    public static TimeSpan PatienceOver(PathKind kind) => kind switch
    {
        PathKind.DirectTcp => TimeSpan.Zero,
        PathKind.DirectUdp => TimeSpan.FromSeconds(1),
        _ => TimeSpan.FromSeconds(4),
    };

    /// <summary>A way was found; the first of a kind stands.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="path">The way.</param>
    /// <param name="elapsed">Time since the race began.</param>
    /// <returns>False when it is not needed.</returns>
    public bool Add(PathKind kind, FoundPath path, TimeSpan elapsed)
    {
        if (!_entries.TryGetValue(kind, out var entry) || entry.Found is not null)
        {
            return false;
        }

        (entry.Found, entry.FoundAt) = (path, elapsed);
        return true;
    }

    /// <summary>The way of a kind broke before it was taken; another of the kind may be found.</summary>
    public void Drop(PathKind kind) => _entries[kind].Found = null;

    /// <summary>A kind has nothing more to try.</summary>
    public void End(PathKind kind)
    {
        if (_entries.TryGetValue(kind, out var entry))
        {
            entry.IsOver = true;
        }
    }

    /// <summary>The winner, or how long to wait before asking again; neither while nothing was found.</summary>
    /// <param name="elapsed">Time since the race began.</param>
    /// <param name="isPromising">Whether the other end was heard on a kind.</param>
    /// <param name="askAgain">When a way was found that better kinds are still waited for: how long.</param>
    public (PathKind Kind, FoundPath Path)? Decide(TimeSpan elapsed, Func<PathKind, bool> isPromising, out TimeSpan? askAgain)
    {
        askAgain = null;
        foreach (var kind in _entries.Keys.Order())
        {
            if (_entries[kind] is not { Found: { } path } entry)
            {
                continue;
            }

            var better = _entries.Where(other => other.Key < kind && !other.Value.IsOver).Select(other => other.Key).ToList();
            var left = DueOf(kind, entry) - elapsed;
            if (left <= TimeSpan.Zero && better.Any(isPromising))
            {
                left = Shorter(PatienceOver(kind) - elapsed, _look);
            }

            if (left <= TimeSpan.Zero || better.Count == 0)
            {
                return (kind, path);
            }

            askAgain = left;
            return null;
        }

        return null;
    }

    /// <summary>A way that took long itself says that everything takes long here.</summary>
    private static TimeSpan DueOf(PathKind kind, Entry entry)
    {
        var slow = Shorter(entry.FoundAt * 1.5, PatienceOver(kind));
        return slow > HeadStartOver(kind) ? slow : HeadStartOver(kind);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private sealed class Entry
    {
        public FoundPath? Found { get; set; }

        public TimeSpan FoundAt { get; set; }

        public bool IsOver { get; set; }
    }
}
