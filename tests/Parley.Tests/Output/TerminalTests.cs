using System.IO.Pipelines;
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
    public void A_note_is_one_line_whatever_it_quotes()
    {
        using var console = new MemoryConsole();
        using var terminal = new Terminal(Stream.Null, console.Output, console.Error, TerminalTraits.None);

        terminal.Note("a\nparley: b\r\nready\u2028c");

        Assert.Equal("parley: a parley: b ready c\n", console.ErrorText);
    }

    [Fact]
    public async Task A_question_without_a_person_is_answered_no()
    {
        using var console = new MemoryConsole();
        using var terminal = new Terminal(new MemoryStream("y\n"u8.ToArray()), console.Output, console.Error, TerminalTraits.None);

        var answer = await terminal.ConfirmAsync("Really?", CancellationToken.None);

        Assert.False(answer);
    }

    [Fact]
    public async Task A_question_waits_no_longer_than_the_person_that_stops_it()
    {
        using var console = new MemoryConsole();
        using var stop = new CancellationTokenSource();
        using var terminal = new Terminal(new DeafStream(), console.Output, console.Error, TerminalTraits.None with { IsInputTerminal = true, IsErrorTerminal = true });

        var asking = terminal.ConfirmAsync("Really?", stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.WaitAsync(Deadline.Shared));
    }

    [Fact]
    public async Task Who_wants_to_see_all_is_shown_it_and_asked_again()
    {
        using var console = new MemoryConsole();
        using var terminal = new Terminal(new MemoryStream("l\nL\ny\n"u8.ToArray()), console.Output, console.Error, TerminalTraits.None with { IsInputTerminal = true, IsErrorTerminal = true });
        var lists = 0;

        var answer = await terminal.ConfirmAsync("Really?", CancellationToken.None, () => lists++);

        Assert.True(answer);
        Assert.Equal(2, lists);
    }

    [Fact]
    public async Task An_answer_goes_to_the_question_that_is_asked_not_to_one_that_nobody_waits_for_any_more()
    {
        using var console = new MemoryConsole();
        using var stop = new CancellationTokenSource();
        var typed = new Pipe();
        using var terminal = new Terminal(typed.Reader.AsStream(), console.Output, console.Error, TerminalTraits.None with { IsInputTerminal = true, IsErrorTerminal = true });
        var former = terminal.ConfirmAsync("Really?", stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => former.WaitAsync(Deadline.Shared));

        var asking = terminal.ConfirmAsync("And now?", CancellationToken.None);
        await typed.Writer.WriteAsync("y\n"u8.ToArray(), TestContext.Current.CancellationToken);

        Assert.True(await asking.WaitAsync(Deadline.Shared));
    }

    /// <summary>A terminal's read: it ends when a line is typed, whatever its token says.</summary>
    private sealed class DeafStream : MemoryStream
    {
        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => new TaskCompletionSource<int>().Task;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(new TaskCompletionSource<int>().Task);
    }
}
