using Parley.Cli.A2a;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;

namespace Parley.Tests.Cli;

public sealed class ChatLineTests
{
    [Theory]
    [InlineData("hello", ChatLineKind.Message, "hello")]
    [InlineData("  indented", ChatLineKind.Message, "  indented")]
    [InlineData("//etc/hosts", ChatLineKind.Message, "/etc/hosts")]
    [InlineData("   ", ChatLineKind.Nothing, "")]
    [InlineData("", ChatLineKind.Nothing, "")]
    [InlineData("/quit", ChatLineKind.Quit, "")]
    [InlineData("/quit ", ChatLineKind.Quit, "")]
    [InlineData("/file a file.txt", ChatLineKind.File, "a file.txt")]
    [InlineData("/help", ChatLineKind.Help, "")]
    internal void A_line_says_what_it_asks_for(string typed, ChatLineKind kind, string text) => Assert.Equal(new ChatLine(kind, text), ChatLine.Read(typed));

    [Theory]
    [InlineData("/file")]
    [InlineData("/quit now")]
    [InlineData("/rm -rf")]
    [InlineData("/")]
    public void What_a_chat_does_not_know_is_not_sent_as_a_message(string typed) => Assert.Throws<ParleyException>(() => ChatLine.Read(typed));

    [Fact]
    public void Both_sides_name_the_same_thread()
    {
        var (a, b) = (AgentAddress.Parse("local.a"), AgentAddress.Parse("other.b"));

        Assert.Equal(ChatThread.Of(a, b), ChatThread.Of(b, a));
        Assert.NotEqual(ChatThread.Of(a, b), ChatThread.Of(a, AgentAddress.Parse("other.c")));
        Assert.True(EnvelopeId.TryParse(ChatThread.Of(a, b), out _));
    }
}
