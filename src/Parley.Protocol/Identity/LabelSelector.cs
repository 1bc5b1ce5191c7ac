using Parley.Protocol.Errors;

namespace Parley.Protocol.Identity;

/// <summary>Picks agents by label: <c>k=v</c>, <c>k!=v</c>, comma = and. An absent label differs from every value.</summary>
public sealed class LabelSelector
{
    private readonly IReadOnlyList<Term> _terms;

    private LabelSelector(IReadOnlyList<Term> terms) => _terms = terms;

    /// <summary>Reads a selector of at least one term.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static LabelSelector Parse(string text)
    {
        var terms = new List<Term>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var isNegated = equals > 0 && part[equals - 1] == '!';
            var key = equals < 0 ? string.Empty : part[..(isNegated ? equals - 1 : equals)].TrimEnd();
            var value = equals < 0 ? string.Empty : part[(equals + 1)..].TrimStart();
            if (!Labels.IsValidKey(key) || !Labels.IsValidValue(value))
            {
                throw new ParleyException(ErrorCode.InvalidArgument, "A selector is k=v or k!=v, several joined by commas.");
            }

            terms.Add(new Term(key, value, isNegated));
        }

        return new LabelSelector(terms);
    }

    /// <summary>Whether every term fits the labels.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels) =>
        _terms.All(term => (labels.TryGetValue(term.Key, out var value) && value == term.Value) != term.IsNegated);

    private readonly record struct Term(string Key, string Value, bool IsNegated);
}
