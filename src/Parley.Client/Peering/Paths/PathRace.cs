namespace Parley.Client.Peering.Paths;

/// <summary>Which of the ways that were found is taken, and when: a better kind wins, but is not waited for longer than its head start. Pure; the opener of the session decides, the other end follows.</summary>
internal sealed class PathRace
{
    private readonly Dictionary<PathKind, Entry> _entries;

    /// <summary>A race that begins now.</summary>
    /// <param name="kinds">The kinds that are tried.</param>
    public PathRace(IEnumerable<PathKind> kinds) => _entries = kinds.Distinct().ToDictionary(kind => kind, _ => new Entry());

    /// <summary>Whether nothing was found and nothing is tried any more.</summary>
    public bool IsLost => _entries.Values.All(entry => entry.IsOver && entry.Found is null);

    /// <summary>How long better kinds are waited for, from the beginning of the race, once this kind was found.</summary>
    public static TimeSpan HeadStartOver(PathKind kind) => kind switch
    {
        PathKind.DirectTcp => TimeSpan.Zero,
        PathKind.DirectUdp => TimeSpan.FromMilliseconds(250),
        _ => TimeSpan.FromMilliseconds(750),
    };

    /// <summary>A way was found; the first of a kind stands.</summary>
    /// <returns>False when it is not needed.</returns>
    public bool Add(PathKind kind, FoundPath path)
    {
        if (!_entries.TryGetValue(kind, out var entry) || entry.Found is not null)
        {
            return false;
        }

        entry.Found = path;
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
    /// <param name="askAgain">When a way was found that better kinds are still waited for: how long.</param>
    public (PathKind Kind, FoundPath Path)? Decide(TimeSpan elapsed, out TimeSpan? askAgain)
    {
        askAgain = null;
        foreach (var kind in _entries.Keys.Order())
        {
            if (_entries[kind].Found is not { } path)
            {
                continue;
            }

            var left = HeadStartOver(kind) - elapsed;
            if (left <= TimeSpan.Zero || _entries.Where(entry => entry.Key < kind).All(entry => entry.Value.IsOver))
            {
                return (kind, path);
            }

            askAgain = left;
            return null;
        }

        return null;
    }

    private sealed class Entry
    {
        public FoundPath? Found { get; set; }

        public bool IsOver { get; set; }
    }
}
