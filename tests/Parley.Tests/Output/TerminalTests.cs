using Parley.Output;
using Parley.Testing;

namespace Parley.Tests.Output;

public sealed class TerminalTests
{
    private static readonly byte[] _hostile = "\u001b]0;title\u0007\r"u8.ToArray();

    [Fact]
    public void A_file_or_pipe_gets_the_bytes_unchanged()
    {
        using var console = new MemoryConsole();
        using var terminal = new Terminal(Stream.Null, console.Output, console.Error, TerminalTraits.None);

        terminal.Write(_hostile);

        Assert.Equal(_hostile, console.Output.ToArray());
    }

    [Fact]
    public void A_screen_gets_visible_escapes()
    {
        using var console = new MemoryConsole();
        using var terminal = new Terminal(Stream.Null, console.Output, console.Error, TerminalTraits.None with { IsOutputTerminal = true });

        terminal.Write(_hostile);

        Assert.Equal("\\x1b]0;title\\x07\\x0d", console.OutputText);
    }

    [Fact]
    public async Task A_question_without_a_person_is_answered_no()
    {
        using var console = new MemoryConsole();
        using var terminal = new Terminal(new MemoryStream("y\n"u8.ToArray()), console.Output, console.Error, TerminalTraits.None);

        var answer = await terminal.ConfirmAsync("Really?", CancellationToken.None);

        Assert.False(answer);
    }
}
