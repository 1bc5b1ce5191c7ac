using System.Text;
using Parley.Output;

namespace Parley.Cli.PeerToPeer.Chat;

/// <summary>A line that is being typed, key by key. Pure.</summary>
internal sealed class LineEdit
{
    private readonly StringBuilder _text = new();

    /// <summary>What stands there.</summary>
    public string Text => _text.ToString();

    /// <summary>Takes a key.</summary>
    /// <returns>The line when it is done; null while it goes on.</returns>
    public string? Take(ConsoleKeyInfo key)
    {
        switch (key)
        {
            case { Key: ConsoleKey.Enter }:
                var line = Text;
                _text.Clear();
                return line;
            case { Key: ConsoleKey.Backspace }:
                Cut();
                break;
            case { Key: ConsoleKey.U, Modifiers: ConsoleModifiers.Control }:
                _text.Clear();
                break;
            case { Key: ConsoleKey.W, Modifiers: ConsoleModifiers.Control }:
                CutWord();
                break;
            default:
                if (!char.IsControl(key.KeyChar))
                {
                    _text.Append(key.KeyChar);
                }

                break;
        }

        return null;
    }

    /// <summary>Whether a key ends the input: Ctrl-D on an empty line.</summary>
    public bool IsEnd(ConsoleKeyInfo key) => _text.Length == 0 && key is { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control };

    /// <summary>The end of the line that fits into some columns, safe for a terminal.</summary>
    public string Tail(int columns) => TerminalCells.Tail(SafeText.Clean(Text), columns);

    private void Cut()
    {
        if (_text.Length > 0)
        {
            var isPair = _text.Length > 1 && char.IsLowSurrogate(_text[^1]) && char.IsHighSurrogate(_text[^2]);
            _text.Length -= isPair ? 2 : 1;
        }
    }

    private void CutWord()
    {
        while (_text.Length > 0 && _text[^1] == ' ')
        {
            _text.Length--;
        }

        while (_text.Length > 0 && _text[^1] != ' ')
        {
            _text.Length--;
        }
    }
}
