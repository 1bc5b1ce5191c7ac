using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Parley.Cli.Skill;

/// <summary>Adds what a template has and a JSON file lacks: members to objects, items to arrays. Everything else stays byte for byte: comments, order, indentation.</summary>
/// <remarks>Where both have a value, the user's stays. Text is put in at the ends of objects and arrays, in the manner of the file.</remarks>
internal sealed class JsonMerge
{
    private static readonly JsonDocumentOptions _lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = JsonTree.MaxDepth };
    private static readonly byte[] _byteOrderMark = [0xEF, 0xBB, 0xBF];

    private readonly byte[] _text;
    private readonly string _newLine;
    private readonly string _indent;
    private readonly List<(int At, string Text)> _edits = [];
    private readonly List<string> _added = [];
    private readonly List<string> _kept = [];

    private JsonMerge(byte[] text)
    {
        _text = text;
        _newLine = text.AsSpan().IndexOf("\r\n"u8) >= 0 ? "\r\n" : "\n";
        _indent = FirstIndent(text);
    }

    /// <summary>Merges.</summary>
    /// <param name="file">The file; empty or blank when there is none.</param>
    /// <param name="template">The rules, plain JSON.</param>
    /// <exception cref="FormatException">The file is no JSON, or something else stands where rules belong.</exception>
    public static RulesMerge Merge(byte[] file, byte[] template)
    {
        using var wanted = JsonDocument.Parse(template);
        var mark = file.AsSpan().StartsWith(_byteOrderMark) ? _byteOrderMark.Length : 0;
        var text = file[mark..];
        var isBlank = text.AsSpan().IndexOfAnyExcept(" \t\r\n"u8) < 0;
        var merge = new JsonMerge(isBlank ? "{\n}\n"u8.ToArray() : text);
        merge.MergeObject(string.Empty, JsonTree.Parse(merge._text), wanted.RootElement);
        if (merge._edits.Count == 0)
        {
            return new RulesMerge(file, [], merge._kept);
        }

        var content = merge.Apply();
        JsonTree.Parse(content);
        return new RulesMerge([.. file[..mark], .. content], merge._added, merge._kept);
    }

    private void MergeObject(string path, JsonTree present, JsonElement wanted)
    {
        Require(present, JsonValueKind.Object, path);
        var missing = new List<string>();
        foreach (var member in wanted.EnumerateObject())
        {
            var inner = path.Length == 0 ? member.Name : $"{path}: {member.Name}";
            if (present.Find(member.Name) is not { } value)
            {
                missing.Add($"{Quote(member.Name)}: {Print(member.Value, present)}");
                NoteAll(inner, member.Value);
            }
            else if (member.Value.ValueKind is JsonValueKind.Object)
            {
                MergeObject(inner, value, member.Value);
            }
            else if (member.Value.ValueKind is JsonValueKind.Array)
            {
                MergeArray(inner, value, member.Value);
            }
            else if (!IsEqual(value, member.Value))
            {
                _kept.Add($"{inner} stays {Encoding.UTF8.GetString(_text.AsSpan(value.Start, value.End - value.Start)).ReplaceLineEndings(" ")}");
            }
        }

        Insert(present, missing);
    }

    private void MergeArray(string path, JsonTree present, JsonElement wanted)
    {
        Require(present, JsonValueKind.Array, path);
        var missing = wanted.EnumerateArray().Where(item => !present.Children.Any(child => IsEqual(child.Value, item))).ToArray();
        foreach (var item in missing)
        {
            _added.Add($"{path}: {Show(item)}");
        }

        Insert(present, [.. missing.Select(item => Print(item, present))]);
    }

    private static void Require(JsonTree present, JsonValueKind kind, string path)
    {
        if (present.Kind != kind)
        {
            throw new FormatException($"{(path.Length == 0 ? "the file" : path)} is not {(kind is JsonValueKind.Object ? "an object" : "a list")}.");
        }
    }

    // One line for each rule, also where the whole object is new.
    private void NoteAll(string path, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    NoteAll($"{path}: {member.Name}", member.Value);
                }

                break;
            case JsonValueKind.Array:
                _added.AddRange(value.EnumerateArray().Select(item => $"{path}: {Show(item)}"));
                break;
            default:
                _added.Add($"{path}: {Show(value)}");
                break;
        }
    }

    private bool IsEqual(JsonTree present, JsonElement wanted)
    {
        using var value = JsonDocument.Parse(_text.AsMemory(present.Start, present.End - present.Start), _lenient);
        return JsonElement.DeepEquals(value.RootElement, wanted);
    }

    private void Insert(JsonTree container, List<string> items)
    {
        if (items.Count == 0)
        {
            return;
        }

        var closer = container.End - 1;
        var last = container.Children.Count > 0 ? container.Children[^1].Value.End : container.Start + 1;
        var (end, hasComma) = SkipTrivia(last, closer);
        if (container.Children.Count > 0 && !hasComma)
        {
            _edits.Add((last, ","));
        }

        var indent = IndentOf(container);
        var text = string.Concat(items.Select((item, number) => $"{(number == 0 ? string.Empty : ",")}{_newLine}{indent}{_indent}{item}"));
        var isOneLine = _text.AsSpan(end, closer - end).IndexOf((byte)'\n') < 0;
        _edits.Add((end, isOneLine ? text + _newLine + indent : text));
    }

    // From the last value to the closing bracket there are blanks, comments and perhaps a comma: where the last of them ends, and whether there is a comma.
    private (int End, bool HasComma) SkipTrivia(int start, int closer)
    {
        var (end, hasComma) = (start, false);
        for (var at = start; at < closer;)
        {
            var rest = _text.AsSpan(at, closer - at);
            if (rest.StartsWith("//"u8))
            {
                var length = rest.IndexOfAny("\r\n"u8);
                at += length < 0 ? rest.Length : length;
                end = at;
            }
            else if (rest.StartsWith("/*"u8))
            {
                at += rest.IndexOf("*/"u8) + 2;
                end = at;
            }
            else
            {
                hasComma |= rest[0] == ',';
                at++;
                end = rest[0] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' ? end : at;
            }
        }

        return (end, hasComma);
    }

    // The indentation of the line in which the container begins.
    private string IndentOf(JsonTree container)
    {
        var line = _text.AsSpan(0, container.Start).LastIndexOf((byte)'\n') + 1;
        var length = _text.AsSpan(line).IndexOfAnyExcept(" \t"u8);
        return Encoding.ASCII.GetString(_text, line, Math.Max(0, Math.Min(length, container.Start - line)));
    }

    private static string FirstIndent(ReadOnlySpan<byte> text)
    {
        while (text.IndexOf((byte)'\n') is >= 0 and var end)
        {
            text = text[(end + 1)..];
            if (text.IndexOfAnyExcept(" \t"u8) is > 0 and var length && text[length] is not ((byte)'\r' or (byte)'\n' or (byte)'*'))
            {
                return Encoding.ASCII.GetString(text[..length]);
            }
        }

        return "  ";
    }

    private string Print(JsonElement value, JsonTree container)
    {
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions
        {
            Indented = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            IndentCharacter = _indent[0],
            IndentSize = Math.Min(_indent.Length, 8),
            NewLine = "\n",
        };
        using (var writer = new Utf8JsonWriter(stream, options))
        {
            value.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray()).Replace("\n", _newLine + IndentOf(container) + _indent, StringComparison.Ordinal);
    }

    private static string Quote(string name) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(name)}\"";

    private static string Show(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private byte[] Apply()
    {
        using var result = new MemoryStream();
        var at = 0;
        foreach (var (place, text) in _edits.OrderBy(edit => edit.At))
        {
            result.Write(_text.AsSpan(at, place - at));
            result.Write(Encoding.UTF8.GetBytes(text));
            at = place;
        }

        result.Write(_text.AsSpan(at));
        return result.ToArray();
    }
}
