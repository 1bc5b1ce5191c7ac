using System.Text.Json;

namespace Parley.Hub.Connections.Filters;

/// <summary>What must hold of the values that a path led to. A path that is not there meets no condition but <see cref="Exists"/>.</summary>
internal abstract record Condition
{
    private Condition()
    {
    }

    /// <summary>Whether it holds.</summary>
    /// <param name="isThere">Whether the path exists.</param>
    /// <param name="values">What stands there.</param>
    public virtual bool IsMet(bool isThere, IReadOnlyList<JsonElement> values) => isThere && Holds(values);

    /// <summary>Whether it holds of values of a path that exists.</summary>
    protected abstract bool Holds(IReadOnlyList<JsonElement> values);

    /// <summary>One of the values is one of these.</summary>
    public sealed record OneOf(IReadOnlyList<Scalar> Wanted) : Condition
    {
        private readonly HashSet<Scalar> _wanted = [.. Wanted];

        /// <inheritdoc/>
        public override string ToString() => Wanted.Count == 1 ? $"= {Wanted[0]}" : $"one of {string.Join(", ", Wanted)}";

        /// <inheritdoc/>
        protected override bool Holds(IReadOnlyList<JsonElement> values) => values.Any(value => Scalar.Of(value) is { } scalar && _wanted.Contains(scalar));
    }

    /// <summary>One of the values is a text that begins so.</summary>
    public sealed record Prefix(string Start) : Condition
    {
        /// <inheritdoc/>
        public override string ToString() => $"begins with \"{Start}\"";

        /// <inheritdoc/>
        protected override bool Holds(IReadOnlyList<JsonElement> values) =>
            values.Any(value => value.ValueKind == JsonValueKind.String && value.GetString()!.StartsWith(Start, StringComparison.Ordinal));
    }

    /// <summary>One of the values lies on the right side of a number or, character by character, of a text. A number is never compared with a text.</summary>
    /// <param name="Sign">&lt;, &lt;=, &gt; or &gt;=.</param>
    /// <param name="Bound">The number or text.</param>
    public sealed record Compare(string Sign, JsonElement Bound) : Condition
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Sign} {Scalar.Of(Bound)}";

        /// <inheritdoc/>
        protected override bool Holds(IReadOnlyList<JsonElement> values) => values.Any(value => value.ValueKind == Bound.ValueKind && IsOnSide(Order(value)));

        private int Order(JsonElement value) => Bound.ValueKind == JsonValueKind.String
            ? string.CompareOrdinal(value.GetString(), Bound.GetString())
            : value.TryGetDecimal(out var left) && Bound.TryGetDecimal(out var right) ? left.CompareTo(right) : value.GetDouble().CompareTo(Bound.GetDouble());

        private bool IsOnSide(int order) => Sign switch
        {
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    }

    /// <summary>The path is there, whatever stands at it, or is not.</summary>
    public sealed record Exists(bool IsWanted) : Condition
    {
        /// <inheritdoc/>
        public override bool IsMet(bool isThere, IReadOnlyList<JsonElement> values) => isThere == IsWanted;

        /// <inheritdoc/>
        public override string ToString() => IsWanted ? "is there" : "is not there";

        /// <inheritdoc/>
        protected override bool Holds(IReadOnlyList<JsonElement> values) => IsWanted;
    }

    /// <summary>The other condition does not hold; of an array, for none of its elements.</summary>
    public sealed record Not(Condition Inner) : Condition
    {
        /// <inheritdoc/>
        public override string ToString() => $"not ({Inner})";

        /// <inheritdoc/>
        protected override bool Holds(IReadOnlyList<JsonElement> values) => !Inner.IsMet(true, values);
    }

    /// <summary>All of them hold.</summary>
    public sealed record All(IReadOnlyList<Condition> Inner) : Condition
    {
        /// <inheritdoc/>
        public override bool IsMet(bool isThere, IReadOnlyList<JsonElement> values) => Inner.All(condition => condition.IsMet(isThere, values));

        /// <inheritdoc/>
        public override string ToString() => string.Join(" and ", Inner);

        /// <inheritdoc/>
        protected override bool Holds(IReadOnlyList<JsonElement> values) => IsMet(true, values);
    }
}
