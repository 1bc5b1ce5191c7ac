namespace Parley.EndToEndTests.Pages;

/// <summary>What the page's modules say to each other, without a browser; each script holds tests of its own.</summary>
public sealed class PageTalkTests
{
    [Theory]
    [InlineData("transfer-test.mjs", "all transfers well")]
    [InlineData("chat-test.mjs", "all chats well")]
    [InlineData("call-test.mjs", "all calls well")]
    [InlineData("fuzz-test.mjs", "nothing got through")]
    public async Task The_pages_two_ends_understand_each_other(string script, string last)
    {
        var outcome = await PageEnd.RunTestsAsync(script);

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        Assert.EndsWith(last + "\n", outcome.Output, StringComparison.Ordinal);
    }
}
