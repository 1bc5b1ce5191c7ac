using System.Text;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Gateway.OpenAi;

/// <summary>Puts calls of functions together from the pieces of a stream. Pure.</summary>
/// <remarks>
/// Pieces of one call share an index. Servers differ: some leave the index out, some repeat id and name in every piece, some send arguments as an object, some give no id.
/// </remarks>
public sealed class ToolCallAssembly
{
    private const int MaxCalls = 64;
    private const int MaxCharacters = 1024 * 1024;

    private readonly List<Entry> _entries = [];
    private int _characters;

    /// <summary>Calls so far.</summary>
    public int Count => _entries.Count;

    /// <summary>Takes the pieces of one chunk, or the calls of a whole answer.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ResponderFailed"/> for more calls or longer arguments than any model means.</exception>
    public void Add(IReadOnlyList<ChatToolCall> pieces)
    {
        foreach (var piece in pieces)
        {
            var entry = EntryOf(piece);
            entry.Id ??= string.IsNullOrEmpty(piece.Id) ? null : piece.Id;
            if (piece.Function is { } function)
            {
                AddName(entry, function.Name ?? string.Empty);
                AddArguments(entry, function.Arguments);
            }
        }
    }

    /// <summary>The calls; those without a name are left out.</summary>
    public IReadOnlyList<ToolCall> ToCalls() =>
        [.. _entries.Where(entry => entry.Name.Length > 0).Select((entry, place) => new ToolCall(
            entry.Id ?? $"call_{place + 1}", entry.Name.ToString(), entry.Arguments.Length == 0 ? "{}" : entry.Arguments.ToString()))];

    private Entry EntryOf(ChatToolCall piece)
    {
        var known = piece.Index is { } index
            ? _entries.Find(entry => entry.Index == index)
            : _entries.LastOrDefault(entry => string.IsNullOrEmpty(piece.Id) || entry.Id == piece.Id);
        if (known is not null)
        {
            return known;
        }

        if (_entries.Count == MaxCalls)
        {
            throw TooMuch();
        }

        var added = new Entry(piece.Index);
        _entries.Add(added);
        return added;
    }

    private void AddName(Entry entry, string name)
    {
        if (name.Length > 0 && entry.Name.ToString() != name)
        {
            Grow(name.Length);
            entry.Name.Append(name);
        }
    }

    private void AddArguments(Entry entry, JsonElement? arguments)
    {
        var text = arguments switch
        {
            null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => string.Empty,
            { ValueKind: JsonValueKind.String } value => TextOf(value),
            { } value => value.GetRawText(),
        };
        Grow(text.Length);
        entry.Arguments.Append(text);
    }

    private static string TextOf(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, "The model's server sent text that is no Unicode.");
        }
    }

    private void Grow(int characters)
    {
        _characters += characters;
        if (_characters > MaxCharacters)
        {
            throw TooMuch();
        }
    }

    private static ParleyException TooMuch() => new(ErrorCode.ResponderFailed, "The model asked for more tool calls than this side takes.");

    private sealed class Entry(int? index)
    {
        public int? Index => index;

        public string? Id { get; set; }

        public StringBuilder Name { get; } = new();

        public StringBuilder Arguments { get; } = new();
    }
}
