using System.Buffers;

namespace Parley.Cli.Skill;

/// <summary>Reads the statements of a TOML file with their places. It knows where values end, not what they mean.</summary>
internal sealed class TomlReader
{
    private const int MaxDepth = 64;

    private static readonly SearchValues<char> _wordEnds = SearchValues.Create(",]}#\r\n");
    private static readonly SearchValues<char> _noWord = SearchValues.Create("=\"'[{");

    private readonly string _text;
    private readonly List<TomlStatement> _statements = [];
    private string[] _table = [];
    private int _at;

    private TomlReader(string text) => _text = text;

    private char Next => _at < _text.Length ? _text[_at] : '\0';

    /// <summary>Reads all of them; pairs in an inline table follow the pair that holds it.</summary>
    /// <exception cref="FormatException">It is not TOML; the message says where.</exception>
    public static IReadOnlyList<TomlStatement> Read(string text)
    {
        var reader = new TomlReader(text);
        reader.ReadAll();
        return reader._statements;
    }

    private void ReadAll()
    {
        for (SkipBlank(withLines: true); _at < _text.Length; SkipBlank(withLines: true))
        {
            if (Next == '[')
            {
                _at++;
                var isArrayItem = Take('[');
                _table = ReadKey();
                Expect(']');
                if (isArrayItem)
                {
                    Expect(']');
                }

                _statements.Add(new TomlStatement(_table, _table, null, _at, isArrayItem));
            }
            else
            {
                ReadPair(_table, depth: 0);
            }

            EndLine();
        }
    }

    // A prefix of null: inside a list, where names lead nowhere.
    private void ReadPair(string[]? prefix, int depth)
    {
        var key = ReadKey();
        Expect('=');
        SkipBlank(withLines: false);
        var (start, place) = (_at, _statements.Count);
        string[]? path = prefix is null ? null : [.. prefix, .. key];
        ReadValue(path, depth);
        if (path is not null)
        {
            _statements.Insert(place, new TomlStatement(path, _table, _text[start.._at], _at));
        }
    }

    private string[] ReadKey()
    {
        var parts = new List<string>();
        do
        {
            SkipBlank(withLines: false);
            var start = _at;
            if (Next is '"' or '\'')
            {
                SkipLineText();
                parts.Add(_text[(start + 1)..(_at - 1)]);
            }
            else
            {
                while (char.IsAsciiLetterOrDigit(Next) || Next is '_' or '-')
                {
                    _at++;
                }

                parts.Add(start < _at ? _text[start.._at] : throw Bad());
            }

            SkipBlank(withLines: false);
        }
        while (Take('.'));

        return [.. parts];
    }

    private void ReadValue(string[]? path, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Bad();
        }

        switch (Next)
        {
            case '"' or '\'':
                SkipText();
                break;
            case '[':
                ReadList(']', () => ReadValue(null, depth + 1));
                break;
            case '{':
                ReadList('}', () => ReadPair(path, depth + 1));
                break;
            default:
                SkipWord();
                break;
        }
    }

    private void ReadList(char closer, Action readItem)
    {
        _at++;
        for (SkipBlank(withLines: true); !Take(closer); SkipBlank(withLines: true))
        {
            readItem();
            SkipBlank(withLines: true);
            if (!Take(',') && Next != closer)
            {
                throw Bad();
            }
        }
    }

    // Numbers, dates and booleans.
    private void SkipWord()
    {
        var length = _text.AsSpan(_at).IndexOfAny(_wordEnds);
        var word = _text.AsSpan(_at, length < 0 ? _text.Length - _at : length).TrimEnd(" \t");
        if (word.IsEmpty || word.ContainsAny(_noWord))
        {
            throw Bad();
        }

        _at += word.Length;
    }

    private void SkipText()
    {
        var quote = Next;
        if (string.CompareOrdinal(_text, _at, new string(quote, 3), 0, 3) != 0)
        {
            SkipLineText();
            return;
        }

        for (_at += 3; string.CompareOrdinal(_text, _at, new string(quote, 3), 0, 3) != 0; _at++)
        {
            SkipEscape(quote);
            if (_at >= _text.Length)
            {
                throw Bad();
            }
        }

        // Up to two quotes of the text itself may stand before the closing three.
        for (_at += 3; Next == quote; _at++)
        {
        }
    }

    private void SkipLineText()
    {
        var quote = Next;
        for (_at++; Next != quote; _at++)
        {
            SkipEscape(quote);
            if (_at >= _text.Length || Next is '\n')
            {
                throw Bad();
            }
        }

        _at++;
    }

    private void SkipEscape(char quote)
    {
        if (quote == '"' && Next == '\\')
        {
            _at++;
        }
    }

    private void SkipBlank(bool withLines)
    {
        for (; _at < _text.Length; _at++)
        {
            if (Next == '#' && withLines)
            {
                var length = _text.AsSpan(_at).IndexOf('\n');
                _at = length < 0 ? _text.Length - 1 : _at + length;
            }
            else if (Next is not (' ' or '\t') && !(withLines && IsLineEnd()))
            {
                return;
            }
        }
    }

    private void EndLine()
    {
        SkipBlank(withLines: false);
        if (_at < _text.Length && Next != '#' && !IsLineEnd())
        {
            throw Bad();
        }
    }

    // A carriage return counts only before a line feed.
    private bool IsLineEnd() => Next == '\n' || (Next == '\r' && _at + 1 < _text.Length && _text[_at + 1] == '\n');

    private bool Take(char character)
    {
        var isThere = Next == character;
        _at += isThere ? 1 : 0;
        return isThere;
    }

    private void Expect(char character)
    {
        if (!Take(character))
        {
            throw Bad();
        }
    }

    private FormatException Bad() => new($"line {_text.AsSpan(0, Math.Min(_at, _text.Length)).Count('\n') + 1} is not TOML.");
}
