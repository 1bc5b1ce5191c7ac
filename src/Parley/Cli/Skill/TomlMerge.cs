using System.Text;

namespace Parley.Cli.Skill;

/// <summary>Adds the keys that a template has and a TOML file lacks. Everything else stays as it is: comments, order, values.</summary>
internal sealed class TomlMerge
{
    private readonly string _newLine;
    private readonly List<string> _added = [];
    private readonly List<string> _kept = [];
    private string _text;

    private TomlMerge(string text) => (_text, _newLine) = (text, text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n");

    /// <summary>Merges.</summary>
    /// <param name="file">The file; empty when there is none.</param>
    /// <param name="template">The rules: tables with one-line keys. Its comments go along where the file is new.</param>
    /// <exception cref="FormatException">The file is no TOML, or writes the table in a way that cannot be added to.</exception>
    public static RulesMerge Merge(byte[] file, byte[] template)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(file);
        }
        catch (DecoderFallbackException exception)
        {
            throw new FormatException("it is not UTF-8.", exception);
        }

        var wanted = TomlReader.Read(Encoding.UTF8.GetString(template)).Where(statement => statement.Value is not null).ToArray();
        var merge = new TomlMerge(text);
        if (string.IsNullOrWhiteSpace(text))
        {
            return new RulesMerge(template, [.. wanted.Select(Describe)], []);
        }

        // A mark at the beginning is no part of the first key.
        var mark = text[0] == '\uFEFF' ? "\uFEFF" : string.Empty;
        merge._text = text[mark.Length..];
        foreach (var statement in wanted)
        {
            merge.Add(statement);
        }

        TomlReader.Read(merge._text);
        return new RulesMerge(merge._added.Count == 0 ? file : Encoding.UTF8.GetBytes(mark + merge._text), merge._added, merge._kept);
    }

    private void Add(TomlStatement wanted)
    {
        var present = TomlReader.Read(_text);
        if (present.FirstOrDefault(statement => statement.Value is not null && statement.IsNamed(wanted.Path)) is { } same)
        {
            if (same.Value != wanted.Value)
            {
                _kept.Add($"{string.Join('.', wanted.Path)} stays {same.Value!.ReplaceLineEndings(" ")}");
            }

            return;
        }

        var name = string.Join('.', wanted.Table);
        if (present.Any(statement => statement.IsNamed(wanted.Table) && (statement.IsArrayItem || statement.Value is not null)))
        {
            throw new FormatException($"{name} is not a table with a header; add {Describe(wanted)} to it by hand.");
        }

        var header = present.FirstOrDefault(statement => statement.Value is null && statement.IsNamed(wanted.Table));
        var dotted = present.LastOrDefault(statement => statement.Table.Length == 0 && statement.Path.Length > wanted.Table.Length && statement.Path.AsSpan(0, wanted.Table.Length).SequenceEqual(wanted.Table));
        var key = string.Join('.', wanted.Path[wanted.Table.Length..]);
        if (header is not null)
        {
            var last = present.Last(statement => statement.Table.AsSpan().SequenceEqual(wanted.Table) && !statement.IsArrayItem);
            InsertAfter(last.End, $"{key} = {wanted.Value}");
        }
        else if (dotted is not null)
        {
            InsertAfter(dotted.End, Describe(wanted));
        }
        else
        {
            var gap = _text.EndsWith('\n') ? _newLine : _newLine + _newLine;
            _text += $"{gap}[{name}]{_newLine}{key} = {wanted.Value}{_newLine}";
        }

        _added.Add(Describe(wanted));
    }

    // On a line of its own, after the line of the statement and the comment that may follow on it.
    private void InsertAfter(int end, string line)
    {
        var length = _text.AsSpan(end).IndexOf('\n');
        _text = length < 0 ? _text + _newLine + line + _newLine : _text.Insert(end + length + 1, line + _newLine);
    }

    private static string Describe(TomlStatement statement) => $"{string.Join('.', statement.Path)} = {statement.Value}";
}
