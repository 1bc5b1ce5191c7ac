using Parley.Cli.PeerToPeer.Chat;
using Parley.Output;

namespace Parley.Tests.Cli;

public sealed class LineEditTests
{
    private readonly LineEdit _line = new();

    [Fact]
    public void A_line_is_handed_over_when_it_is_done_and_the_next_one_is_empty()
    {
        Type("hello");

        Assert.Equal("hello", _line.Take(Key(ConsoleKey.Enter, '\r')));
        Assert.Empty(_line.Text);
    }

    [Fact]
    public void Letters_words_and_the_line_can_be_taken_back()
    {
        Type("one two \U0001f600");
        _line.Take(Key(ConsoleKey.Backspace, '\b'));
        var letters = _line.Text;
        _line.Take(Control(ConsoleKey.W));
        var words = _line.Text;
        _line.Take(Control(ConsoleKey.U));

        Assert.Equal(("one two ", "one ", string.Empty), (letters, words, _line.Text));
    }

    [Fact]
    public void Keys_that_write_nothing_change_nothing()
    {
        _line.Take(Key(ConsoleKey.Backspace, '\b'));
        Type("a");
        _line.Take(Key(ConsoleKey.Escape, '\u001b'));
        _line.Take(Control(ConsoleKey.A));

        Assert.Equal("a", _line.Text);
    }

    [Fact]
    public void Ctrl_D_ends_the_input_on_an_empty_line_alone()
    {
        var isEndAtFirst = _line.IsEnd(Control(ConsoleKey.D));
        var isLetterEnd = _line.IsEnd(Key(ConsoleKey.D, 'd'));
        Type("a");

        Assert.Equal((true, false, false), (isEndAtFirst, isLetterEnd, _line.IsEnd(Control(ConsoleKey.D))));
    }

    [Fact]
    public void What_is_shown_fits_however_wide_its_letters_are()
    {
        Type("\u65e5\u672c\u8a9e\u65e5\u672c\u8a9eabc");

        Assert.Equal("\u672c\u8a9eabc", _line.Tail(8));
        Assert.True(TerminalCells.Of(_line.Tail(8)) <= 8);
    }

    [Fact]
    public void No_letter_is_cut_in_two()
    {
        Type("\U0001f600\U0001f600");

        Assert.Equal("\U0001f600", _line.Tail(3));
    }

    [Fact]
    public void What_would_steer_the_terminal_is_shown_as_an_escape()
    {
        Type("a\u202eb");

        Assert.Equal("a\\u{202e}b", _line.Tail(80));
        Assert.Equal("e}b", _line.Tail(3));
    }

    private static ConsoleKeyInfo Key(ConsoleKey key, char letter) => new(letter, key, shift: false, alt: false, control: false);

    private static ConsoleKeyInfo Control(ConsoleKey key) => new('\0', key, shift: false, alt: false, control: true);

    private void Type(string text)
    {
        foreach (var letter in text)
        {
            _line.Take(Key(ConsoleKey.None, letter));
        }
    }
}
