namespace Parley.Client.Peering.Paths;

/// <summary>What was tried and what it came to, in the order in which it was known. Safe from many threads.</summary>
internal sealed class TriedWays
{
    private readonly Lock _gate = new();
    private readonly List<string> _tried = [];

    /// <summary>All so far.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _tried];
            }
        }
    }

    /// <summary>Notes one.</summary>
    public void Add(string text)
    {
        lock (_gate)
        {
            _tried.Add(text);
        }
    }
}
