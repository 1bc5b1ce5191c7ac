using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Hub.Connections.Filters;

/// <summary>Reads a filter as people write it, and refuses what it does not know by the name of the field, before anything depends on it. Pure.</summary>
internal static class FilterCompiler
{
    /// <summary>Most conditions of one filter.</summary>
    public const int MaxClauses = 64;

    /// <summary>Most values of one list.</summary>
    public const int MaxValues = 256;

    private const int MaxDepth = 8;
    private const int MaxPath = 256;
    private const int MaxShown = 64;
    private const string Known = "$in, $exists, $prefix, $not, $gt, $gte, $lt and $lte";

    /// <summary>Compiles a filter.</summary>
    /// <param name="filter">A JSON object; an empty one takes everything.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, naming the field.</exception>
    public static EventFilter Compile(JsonElement filter)
    {
        if (filter.ValueKind != JsonValueKind.Object)
        {
            throw Refuse(string.Empty, "is a JSON object");
        }

        var clauses = new List<(EventPath, Condition)>();
        AddMembers(filter, string.Empty, 0, clauses);
        return clauses.Count == 0 ? EventFilter.None : new EventFilter(clauses);
    }

    private static void AddMembers(JsonElement members, string prefix, int depth, List<(EventPath, Condition)> clauses)
    {
        if (depth > MaxDepth)
        {
            throw Refuse(prefix, $"lies deeper than {MaxDepth} objects");
        }

        foreach (var member in members.EnumerateObject())
        {
            var path = prefix.Length == 0 ? member.Name : $"{prefix}.{member.Name}";
            CheckPath(member.Name, path);
            if (member.Value.ValueKind == JsonValueKind.Object && !HasOperator(member.Value, path))
            {
                AddMembers(member.Value, path, depth + 1, clauses);
                continue;
            }

            clauses.Add((new EventPath(path), Read(member.Value, path, depth)));
            if (clauses.Count > MaxClauses)
            {
                throw Refuse(string.Empty, $"has at most {MaxClauses} conditions");
            }
        }
    }

    private static void CheckPath(string name, string path)
    {
        if (name.StartsWith('$'))
        {
            throw Refuse(path, $"is an operator where a field's name should be; operators are {Known}, and stand under a field");
        }

        if (path.Length > MaxPath || name.Length == 0 || name.Split('.').Any(step => step.Length == 0))
        {
            throw Refuse(path, $"is no path: names with dots between them, at most {MaxPath} characters");
        }
    }

    // An object is either operators or the names of further fields, never both.
    private static bool HasOperator(JsonElement value, string path)
    {
        var operators = value.EnumerateObject().Count(member => member.Name.StartsWith('$'));
        var all = value.EnumerateObject().Count();
        if (all == 0)
        {
            throw Refuse(path, "has an empty object for a condition");
        }

        return operators == all || (operators == 0 ? false : throw Refuse(path, "mixes operators with names of fields"));
    }

    private static Condition Read(JsonElement value, string path, int depth) => value.ValueKind switch
    {
        JsonValueKind.Object when HasOperator(value, path) => Operators(value, path, depth + 1),
        JsonValueKind.Object => throw Refuse(path, "takes a value, a list or operators here"),
        JsonValueKind.Array => List(value, path),
        _ => new Condition.OneOf([Scalar.Of(value)!.Value]),
    };

    private static Condition.OneOf List(JsonElement list, string path)
    {
        var values = list.EnumerateArray().Select(Scalar.Of).ToList();
        if (values.Count is 0 or > MaxValues || values.Exists(value => value is null))
        {
            throw Refuse(path, $"has a list that is not 1 to {MaxValues} texts, numbers, truth values or nulls");
        }

        return new Condition.OneOf([.. values.Select(value => value!.Value)]);
    }

    private static Condition Operators(JsonElement value, string path, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Refuse(path, $"lies deeper than {MaxDepth} objects");
        }

        var conditions = value.EnumerateObject().Select(member => Operator(member.Name, member.Value, path, depth)).ToList();
        return conditions is [var only] ? only : new Condition.All(conditions);
    }

    private static Condition Operator(string name, JsonElement operand, string path, int depth) => (name, operand.ValueKind) switch
    {
        ("$in", JsonValueKind.Array) => List(operand, path),
        ("$exists", JsonValueKind.True or JsonValueKind.False) => new Condition.Exists(operand.GetBoolean()),
        ("$prefix", JsonValueKind.String) => new Condition.Prefix(operand.GetString()!),
        ("$not", _) => Negated(Read(operand, path, depth), path),
        ("$gt", JsonValueKind.Number or JsonValueKind.String) => new Condition.Compare(">", operand.Clone()),
        ("$gte", JsonValueKind.Number or JsonValueKind.String) => new Condition.Compare(">=", operand.Clone()),
        ("$lt", JsonValueKind.Number or JsonValueKind.String) => new Condition.Compare("<", operand.Clone()),
        ("$lte", JsonValueKind.Number or JsonValueKind.String) => new Condition.Compare("<=", operand.Clone()),
        ("$in", _) => throw Refuse(path, "has $in, which takes a list"),
        ("$exists", _) => throw Refuse(path, "has $exists, which takes true or false"),
        ("$prefix", _) => throw Refuse(path, "has $prefix, which takes a text"),
        ("$gt" or "$gte" or "$lt" or "$lte", _) => throw Refuse(path, "compares with what is neither number nor text"),
        _ => throw Refuse(path, $"has an operator that is none: there are {Known}"),
    };

    // The opposite of "is there" is "is not there", which $exists says itself: a missing path meets nothing else.
    private static Condition.Not Negated(Condition inner, string path) =>
        Mentions(inner) ? throw Refuse(path, "negates $exists: write $exists with the other truth value") : new Condition.Not(inner);

    private static bool Mentions(Condition condition) => condition switch
    {
        Condition.Exists => true,
        Condition.All all => all.Inner.Any(Mentions),
        _ => false,
    };

    private static ParleyException Refuse(string path, string what)
    {
        var shown = new string([.. path.Take(MaxShown).Select(character => char.IsControl(character) ? '?' : character)]);
        return shown.Length == 0
            ? new ParleyException(ErrorCode.InvalidArgument, $"The filter {what}.") { Field = "filter" }
            : new ParleyException(ErrorCode.InvalidArgument, $"The filter: {shown} {what}.") { Field = $"filter.{shown}" };
    }
}
