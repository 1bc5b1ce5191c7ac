using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary><c>p2p recv</c> as a person sees it on a real terminal, which <c>script</c> gives the program.</summary>
public sealed class ReceiveTerminalTests
{
    [Fact]
    public async Task Who_offers_and_all_that_is_offered_is_shown_before_anything_is_written()
    {
        await using var hub = await TwoHomes.StartAsync();
        Directory.CreateDirectory(hub.HomeOf("tree"));
        for (var number = 10; number < 40; number++)
        {
            await File.WriteAllTextAsync(Path.Combine(hub.HomeOf("tree"), $"file-{number}"), "content", TestContext.Current.CancellationToken);
        }

        await using var bob = ReceiveAtTerminal(hub);
        await UntilShownAsync(bob, "listening");
        await using var alice = ParleyProgram.Start(hub.HomeOf("a"), "p2p", "send", hub.HomeOf("tree"), "agent-b");
        await UntilShownAsync(bob, "take it?");
        var asked = bob.Output;
        await bob.WriteAsync("l\r");
        for (var number = 10; number < 40; number++)
        {
            await UntilShownAsync(bob, $"file-{number}");
        }

        var isWrittenUnasked = Directory.Exists(hub.HomeOf("in")) && Directory.EnumerateFileSystemEntries(hub.HomeOf("in"), "file-*", SearchOption.AllDirectories).Any();
        await bob.WriteAsync("y\r");

        Assert.Equal((0, 0), (await alice.WaitForExitAsync(), await bob.WaitForExitAsync()));
        Assert.Contains("local.agent-a (unverified) offers 30 files", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("file-39", asked, StringComparison.Ordinal);
        Assert.False(isWrittenUnasked);
        Assert.Equal("content", await File.ReadAllTextAsync(Path.Combine(hub.HomeOf("in"), "tree", "file-39"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_declined_is_not_written_and_the_sender_is_told()
    {
        await using var hub = await TwoHomes.StartAsync();
        await File.WriteAllTextAsync(hub.HomeOf("note"), "content", TestContext.Current.CancellationToken);
        await using var bob = ReceiveAtTerminal(hub);
        await UntilShownAsync(bob, "listening");
        await using var alice = ParleyProgram.Start(hub.HomeOf("a"), "p2p", "send", hub.HomeOf("note"), "agent-b");
        await UntilShownAsync(bob, "take it?");

        await bob.WriteAsync("n\r");

        Assert.Equal(3, await alice.WaitForExitAsync());
        Assert.False(File.Exists(Path.Combine(hub.HomeOf("in"), "note")));
    }

    private static Task UntilShownAsync(RealProcess program, string text) =>
        Deadline.UntilAsync(() => program.Output.Contains(text, StringComparison.Ordinal), () => $"'{text}' on the screen; it shows {program.Output.Replace("\u001b", "ESC", StringComparison.Ordinal)}");

    private static RealProcess ReceiveAtTerminal(HubProcess hub) => RealProcess.Start(
        Requires.Program("script"),
        ["-qefc", $"exec '{ParleyProgram.FullPath}' p2p recv --once -o '{hub.HomeOf("in")}'", "/dev/null"],
        new Dictionary<string, string?> { ["PARLEY_HOME"] = hub.HomeOf("b"), ["TERM"] = "xterm", ["PARLEY_LOG"] = null, ["SHELL"] = "/bin/sh" },
        keepInput: true);
}
