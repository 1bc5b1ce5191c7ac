using Parley.Client.Responders.Exec;
using Parley.Protocol.Errors;

namespace Parley.Tests.Responders;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("/bin/sh", "/bin/sh")]
    [InlineData("  a   b\tc\n", "a|b|c")]
    [InlineData("a 'b c' d", "a|b c|d")]
    [InlineData("a 'b\\c' \"d\\e\"", "a|b\\c|d\\e")]
    [InlineData("a \"b\\\"c\\$d\\`e\\\\f\"", "a|b\"c$d`e\\f")]
    [InlineData("a\\ b c\\'d", "a b|c'd")]
    [InlineData("a b'c'\"d\"e", "a|bcde")]
    [InlineData("a '' \"\"", "a||")]
    [InlineData("a $HOME * ; | # b", "a|$HOME|*|;|||#|b")]
    [InlineData("a b\\\nc", "a|bc")]
    public void Words_split_as_a_shell_would_and_nothing_expands(string text, string words)
    {
        var command = CommandLine.Parse(text);

        Assert.Equal(words, string.Join('|', command.Words));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("''")]
    [InlineData("a 'b")]
    [InlineData("a \"b")]
    [InlineData("a \"b\\\"")]
    [InlineData("a \\")]
    public void A_text_that_is_no_command_is_refused(string text)
    {
        var refusal = Assert.Throws<ParleyException>(() => CommandLine.Parse(text));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    [Theory]
    [InlineData("/bin/sh", true)]
    [InlineData("bash -l", true)]
    [InlineData("/usr/bin/env FOO=1 zsh", true)]
    [InlineData("sudo -u x /bin/dash", true)]
    [InlineData("CMD.EXE", true)]
    [InlineData("pwsh", true)]
    [InlineData("cat", false)]
    [InlineData("python3 sh", false)]
    [InlineData("env cat", false)]
    public void A_shell_is_known_by_its_name(string text, bool isShell)
    {
        var command = CommandLine.Parse(text);

        Assert.Equal(isShell, command.IsShell);
    }

    [Fact]
    public void Any_words_survive_quoting_and_any_text_gives_words_or_a_refusal()
    {
        const int Seed = 4711;
        const string Alphabet = "ab '\"\\$\t\n*|é";
        var random = new Random(Seed);
        for (var round = 0; round < 10_000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);

            var quoted = CommandLine.Parse("x '" + text.Replace("'", "'\\''") + "'");
            Assert.True(quoted.Words.SequenceEqual(["x", text]), $"seed {Seed}, round {round}");
            try
            {
                Assert.NotEmpty(CommandLine.Parse(text).Words);
            }
            catch (ParleyException refusal)
            {
                Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
            }
        }
    }
}
