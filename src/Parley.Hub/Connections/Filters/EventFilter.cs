using System.Text.Json;

namespace Parley.Hub.Connections.Filters;

/// <summary>Which events' data a connection wants: conditions that must all hold, compiled once. Pure.</summary>
/// <remarks>
/// <c>{"workflow_id":"step-1","order.total":{"$gte":100},"tags":["red","blue"]}</c>. Made by <see cref="FilterCompiler"/>; the rules stand in docs/protocol/events.md.
/// </remarks>
internal sealed class EventFilter
{
    private const int MaxShown = 80;

    private readonly IReadOnlyList<(EventPath Path, Condition Condition)> _clauses;

    /// <summary>A filter of conditions.</summary>
    public EventFilter(IReadOnlyList<(EventPath Path, Condition Condition)> clauses)
    {
        _clauses = clauses;
        Equality = clauses.Where(clause => clause.Condition is Condition.OneOf).Select(clause => ((EventPath, IReadOnlyList<Scalar>)?)(clause.Path, ((Condition.OneOf)clause.Condition).Wanted)).FirstOrDefault();
    }

    /// <summary>Takes everything.</summary>
    public static EventFilter None { get; } = new([]);

    /// <summary>The first equality, by which filters are found without being tried: one of the values must stand at the path. Null when there is none.</summary>
    public (EventPath Path, IReadOnlyList<Scalar> Values)? Equality { get; }

    /// <summary>Whether the data is wanted.</summary>
    public bool Matches(JsonElement data)
    {
        var values = new List<JsonElement>();
        foreach (var (path, condition) in _clauses)
        {
            values.Clear();
            if (!condition.IsMet(path.Resolve(data, values), values))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What each condition says, for whoever asks why.</summary>
    public IReadOnlyList<FilterFinding> Explain(JsonElement data) => [.. _clauses.Select(clause =>
    {
        var values = new List<JsonElement>();
        var isThere = clause.Path.Resolve(data, values);
        return new FilterFinding(clause.Path.Text, clause.Condition.ToString(), clause.Condition.IsMet(isThere, values), isThere ? Show(values) : null);
    })];

    private static string Show(List<JsonElement> values)
    {
        var text = values.Count == 1 ? values[0].GetRawText() : $"[{string.Join(',', values.Select(value => value.GetRawText()))}]";
        return text.Length <= MaxShown ? text : text[..MaxShown] + "...";
    }
}
