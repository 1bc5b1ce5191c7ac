using System.Text.Json;

namespace Parley.Cli.Skill;

/// <summary>A JSON value with its place in the file, so that text can be put in beside what people wrote.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Its first byte.</param>
/// <param name="End">The byte after its last.</param>
/// <param name="Children">Members or items, in order; a member's name is null for items.</param>
internal sealed record JsonTree(JsonValueKind Kind, int Start, int End, IReadOnlyList<(string? Name, JsonTree Value)> Children)
{
    /// <summary>The deepest that is read.</summary>
    public const int MaxDepth = 64;

    private static readonly JsonReaderOptions _lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = MaxDepth };

    /// <summary>The last member of this name, which is the one that counts; null when there is none.</summary>
    public JsonTree? Find(string name) => Children.LastOrDefault(child => child.Name == name).Value;

    /// <summary>Reads a file: JSON, with comments and trailing commas as editors take them.</summary>
    /// <exception cref="FormatException">It is none; the message says where.</exception>
    public static JsonTree Parse(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text, _lenient);
            reader.Read();
            var root = ReadValue(ref reader);
            reader.Read();
            return root;
        }
        catch (JsonException exception)
        {
            throw new FormatException($"line {exception.LineNumber + 1} is not JSON.", exception);
        }
        catch (InvalidOperationException exception)
        {
            throw new FormatException("a text in it is not Unicode.", exception);
        }
    }

    private static JsonTree ReadValue(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return new JsonTree(KindOf(reader.TokenType), start, (int)reader.BytesConsumed, []);
        }

        var kind = reader.TokenType is JsonTokenType.StartObject ? JsonValueKind.Object : JsonValueKind.Array;
        var children = new List<(string?, JsonTree)>();
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
        {
            string? name = null;
            if (kind is JsonValueKind.Object)
            {
                name = reader.GetString();
                reader.Read();
            }

            children.Add((name, ReadValue(ref reader)));
        }

        return new JsonTree(kind, start, (int)reader.BytesConsumed, children);
    }

    private static JsonValueKind KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.String => JsonValueKind.String,
        JsonTokenType.Number => JsonValueKind.Number,
        JsonTokenType.True => JsonValueKind.True,
        JsonTokenType.False => JsonValueKind.False,
        _ => JsonValueKind.Null,
    };
}
