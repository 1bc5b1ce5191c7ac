using System.Text.Json;
using Parley.Hub.Connections.Events;
using Parley.Protocol.Identity;

namespace Parley.Hub.Connections.Filters;

/// <summary>Finds who wants an event without trying all: by source, type, and one equality of each filter. Made whole, read by anybody, never changed.</summary>
/// <remarks>The cost of an event grows with what could match: those that want its source and type, and of these only the ones whose equality holds, or that have none.</remarks>
internal sealed class EventIndex<T>
{
    private readonly Dictionary<(string Owner, string? Agent), Dictionary<string, Bucket>> _bySource = [];

    /// <summary>An index of selections and what stands behind each.</summary>
    public EventIndex(IEnumerable<(EventSelection Selection, T Item)> entries)
    {
        foreach (var (selection, item) in entries)
        {
            if (!_bySource.TryGetValue((selection.Owner, selection.Agent), out var types))
            {
                _bySource[(selection.Owner, selection.Agent)] = types = [];
            }

            foreach (var pattern in selection.Types.DistinctBy(pattern => pattern.Text))
            {
                if (!types.TryGetValue(pattern.Text, out var bucket))
                {
                    types[pattern.Text] = bucket = new Bucket();
                }

                bucket.Add(selection.Filter, item);
            }
        }
    }

    /// <summary>Whether any entry could want an event of this source and type, whatever its data.</summary>
    public bool IsWanted(AgentAddress source, EventType type) => BucketsOf(source, type).Any();

    /// <summary>Who wants an event; each once.</summary>
    public IReadOnlyList<T> Match(AgentAddress source, EventType type, JsonElement data)
    {
        var found = new List<T>();
        foreach (var bucket in BucketsOf(source, type))
        {
            bucket.Match(data, found);
        }

        return found.Count < 2 ? found : [.. found.Distinct()];
    }

    private IEnumerable<Bucket> BucketsOf(AgentAddress source, EventType type)
    {
        foreach (var agent in new[] { source.Name, null })
        {
            if (!_bySource.TryGetValue((source.Owner, agent), out var types))
            {
                continue;
            }

            foreach (var text in type.Patterns)
            {
                if (types.TryGetValue(text, out var bucket))
                {
                    yield return bucket;
                }
            }
        }
    }

    /// <summary>Entries of one source and one pattern.</summary>
    private sealed class Bucket
    {
        private readonly List<(EventFilter Filter, T Item)> _unindexed = [];
        private readonly Dictionary<string, (EventPath Path, Dictionary<Scalar, List<(EventFilter Filter, T Item)>> Values)> _byPath = [];

        public void Add(EventFilter filter, T item)
        {
            if (filter.Equality is not { } equality)
            {
                _unindexed.Add((filter, item));
                return;
            }

            if (!_byPath.TryGetValue(equality.Path.Text, out var indexed))
            {
                _byPath[equality.Path.Text] = indexed = (equality.Path, []);
            }

            foreach (var value in equality.Values.Distinct())
            {
                if (!indexed.Values.TryGetValue(value, out var entries))
                {
                    indexed.Values[value] = entries = [];
                }

                entries.Add((filter, item));
            }
        }

        public void Match(JsonElement data, List<T> found)
        {
            Try(_unindexed, data, found);
            var values = new List<JsonElement>();
            foreach (var (path, byValue) in _byPath.Values)
            {
                values.Clear();
                path.Resolve(data, values);
                foreach (var value in values)
                {
                    if (Scalar.Of(value) is { } scalar && byValue.TryGetValue(scalar, out var entries))
                    {
                        Try(entries, data, found);
                    }
                }
            }
        }

        private static void Try(List<(EventFilter Filter, T Item)> entries, JsonElement data, List<T> found)
        {
            foreach (var (filter, item) in entries)
            {
                if (filter.Matches(data))
                {
                    found.Add(item);
                }
            }
        }
    }
}
