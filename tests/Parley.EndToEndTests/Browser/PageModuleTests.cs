using Parley.Testing;

namespace Parley.EndToEndTests.Browser;

/// <summary>Modules of pages, run by node without a browser.</summary>
public sealed class PageModuleTests
{
    private static readonly string _page = PathOf("src/Parley.Hub/Pages/PeerToPeer");

    [Fact]
    public async Task Two_pages_agree_whoever_describes_first()
    {
        var node = Requires.Program("node");
        var (test, module) = (PathOf("tests/Parley.EndToEndTests/node/negotiation-test.mjs"), PathOf("src/Parley.Client/Calls/Page/negotiation.js"));

        var outcome = await RealProcess.RunAsync(node, [test, module]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("all agree", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_takes_the_place_of_another_in_a_call_takes_its_connection_and_its_signals()
    {
        var node = Requires.Program("node");
        var (test, module) = (PathOf("tests/Parley.EndToEndTests/node/page/call-page-test.mjs"), PathOf("src/Parley.Client/Calls/Page/call.js"));

        var outcome = await RealProcess.RunAsync(node, [test, module]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("takes the place of the first", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_handshake_of_the_hubs_page_is_ours_to_the_byte()
    {
        var node = Requires.Program("node");

        var outcome = await RealProcess.RunAsync(node, [PathOf("tests/Parley.EndToEndTests/node/peer-handshake-test.mjs"), PathOf("tests/Parley.Tests/Golden/peer-handshake.txt"), _page]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("the same to the byte", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_message_is_refused_by_the_pages_reader_within_bounds()
    {
        var node = Requires.Program("node");
        const int seed = 4711;

        var outcome = await RealProcess.RunAsync(node, [PathOf("tests/Parley.EndToEndTests/node/page-wire-test.mjs"), _page, $"{Fuzz.Count}", $"{seed}"]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("all read or refused", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_pages_prove_themselves_and_a_changed_word_ends_it()
    {
        var node = Requires.Program("node");

        var outcome = await RealProcess.RunAsync(node, [PathOf("tests/Parley.EndToEndTests/node/page-handshake-test.mjs"), _page]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("proved, or refused", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_reads_our_link_and_refuses_every_change_of_it()
    {
        var node = Requires.Program("node");

        var outcome = await RealProcess.RunAsync(node, [PathOf("tests/Parley.EndToEndTests/node/page-invite-test.mjs"), _page, PathOf("tests/Parley.Tests/Golden/invite-link.txt")]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("every change of it refused", outcome.Output, StringComparison.Ordinal);
    }

    private static string PathOf(string path) => Path.Combine(RepositoryFiles.Root, path);
}
