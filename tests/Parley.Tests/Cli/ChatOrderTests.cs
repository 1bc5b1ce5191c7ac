using Parley.Cli.PeerToPeer.Chat;
using Parley.Protocol.Errors;

namespace Parley.Tests.Cli;

public sealed class ChatOrderTests
{
    [Theory]
    [InlineData("hello", ChatOrderKind.Say, "hello", 0)]
    [InlineData("//etc/hosts", ChatOrderKind.Say, "/etc/hosts", 0)]
    [InlineData("   ", ChatOrderKind.Nothing, "", 0)]
    [InlineData("/send a file.txt", ChatOrderKind.Send, "a file.txt", 0)]
    [InlineData("/take 12", ChatOrderKind.Take, "", 12)]
    [InlineData("/decline 3", ChatOrderKind.Decline, "", 3)]
    [InlineData("/quit ", ChatOrderKind.Quit, "", 0)]
    [InlineData("/help", ChatOrderKind.Help, "", 0)]
    internal void A_line_says_what_it_asks_for(string typed, ChatOrderKind kind, string text, long number) => Assert.Equal(new ChatOrder(kind, text, number), ChatOrder.Read(typed));

    [Theory]
    [InlineData("/send")]
    [InlineData("/take")]
    [InlineData("/take x")]
    [InlineData("/quit now")]
    [InlineData("/rm -rf")]
    public void What_a_chat_does_not_know_is_not_said(string typed) => Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => ChatOrder.Read(typed)).Code);

    [Theory]
    [InlineData("""{"type":"message","text":"/quit"}""", ChatOrderKind.Say, "/quit", 0)]
    [InlineData("""{"type":"typing","on":true}""", ChatOrderKind.Typing, "", 1)]
    [InlineData("""{"type":"send","path":"a"}""", ChatOrderKind.Send, "a", 0)]
    [InlineData("""{"type":"take","file":2}""", ChatOrderKind.Take, "", 2)]
    [InlineData("""{"type":"quit"}""", ChatOrderKind.Quit, "", 0)]
    internal void A_program_orders_in_JSON(string line, ChatOrderKind kind, string text, long number) => Assert.Equal(new ChatOrder(kind, text, number), ChatOrder.ReadJson(line));

    [Theory]
    [InlineData("hello")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"type":"take"}""")]
    public void What_is_no_order_is_refused(string line) => Assert.Equal(ErrorCode.JsonInvalid, Assert.Throws<ParleyException>(() => ChatOrder.ReadJson(line)).Code);

    [Fact]
    public void A_line_is_edited_key_by_key()
    {
        var line = new LineEdit();

        Type(line, "two wordz");
        line.Take(new ConsoleKeyInfo('\b', ConsoleKey.Backspace, false, false, false));
        Type(line, "s 😀");
        line.Take(new ConsoleKeyInfo('\b', ConsoleKey.Backspace, false, false, false));
        line.Take(new ConsoleKeyInfo('\u0017', ConsoleKey.W, false, false, true));

        Assert.Equal("two ", line.Text);
        Assert.Equal("wo ", line.Tail(3));
        Assert.Equal("two ", line.Take(new ConsoleKeyInfo('\r', ConsoleKey.Enter, false, false, false)));
        Assert.True(line.IsEnd(new ConsoleKeyInfo('\u0004', ConsoleKey.D, false, false, true)));
    }

    private static void Type(LineEdit line, string text)
    {
        foreach (var key in text)
        {
            line.Take(new ConsoleKeyInfo(key, default, false, false, false));
        }
    }
}
