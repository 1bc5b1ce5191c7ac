namespace Parley.Gateway.A2a.Translation;

/// <summary>What a translation could not express in the other version, by name of the member. Callers log it or show it; nothing is dropped unsaid.</summary>
public sealed class Losses
{
    private readonly List<string> _items = [];

    /// <summary>What was lost, each once; never content.</summary>
    public IReadOnlyList<string> Items => _items;

    /// <summary>Notes a loss.</summary>
    internal void Add(string member)
    {
        if (!_items.Contains(member))
        {
            _items.Add(member);
        }
    }

    /// <summary>Notes a loss if there was something.</summary>
    internal void AddIf(bool isLost, string member)
    {
        if (isLost)
        {
            Add(member);
        }
    }
}
