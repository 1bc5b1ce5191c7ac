using System.Text.Json;
using Parley.EndToEndTests.Browser;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>Calls between two browsers, each with a program behind it.</summary>
public sealed class CallProcessTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_browsers_see_each_other_and_hanging_up_ends_both_programs()
    {
        Requires.Program("chromium");
        await using var hub = await TwoHomes.StartAsync();
        await using var bob = ParleyProgram.Start(hub.HomeOf("b"), "p2p", "call", "--from", "agent-a", "--no-browser", "--json");
        await using var alice = ParleyProgram.Start(hub.HomeOf("a"), "p2p", "call", "agent-b", "--no-browser", "--json");
        await using var bobs = await ChromiumWindow.OpenAsync(await bob.WaitForErrorAsync("http://127.0.0.1:"), Stop);
        await using var alices = await ChromiumWindow.OpenAsync(await alice.WaitForErrorAsync("http://127.0.0.1:"), Stop);

        await Deadline.UntilAsync(() => Frames(alice) is { Sent: > 50, Received: > 50 } && Frames(bob) is { Sent: > 50, Received: > 50 }, () => $"frames; {alice} {bob}");
        var shown = await alices.EvaluateAsync("document.getElementById('remote').videoWidth", Stop);
        var phrases = (await alices.EvaluateAsync("document.getElementById('phrase').textContent", Stop), await bobs.EvaluateAsync("document.getElementById('phrase').textContent", Stop));
        await alices.CaptureAsync(Path.Combine(RepositoryFiles.Root, "artifacts", "test-output", "call.png"), Stop);
        await alices.EvaluateAsync("document.getElementById('end').click()", Stop);

        Assert.Equal((0, 0), (await alice.WaitForExitAsync(), await bob.WaitForExitAsync()));
        Assert.Equal(phrases.Item1, phrases.Item2);
        Assert.Matches("^([0-9]{5} ?){8}", phrases.Item1);
        Assert.NotEqual("0", shown);
        Assert.Contains("\"path\":\"direct UDP", alice.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_is_asked_for_in_the_page_and_may_be_declined()
    {
        Requires.Program("chromium");
        await using var hub = await TwoHomes.StartAsync();
        await using var bob = ParleyProgram.Start(hub.HomeOf("b"), "p2p", "call", "--no-browser", "--watch");
        await using var bobs = await ChromiumWindow.OpenAsync(await bob.WaitForErrorAsync("http://127.0.0.1:"), Stop);
        await bob.WaitForErrorAsync("listening");
        await using var alice = ParleyProgram.Start(hub.HomeOf("a"), "p2p", "call", "agent-b", "--no-browser");
        await using var alices = await ChromiumWindow.OpenAsync(await alice.WaitForErrorAsync("http://127.0.0.1:"), Stop);

        await bobs.WaitForAsync("!document.getElementById('ring').hidden", Stop);
        var status = await bobs.EvaluateAsync("document.getElementById('status').textContent", Stop);
        await bobs.EvaluateAsync("document.getElementById('decline').click()", Stop);

        Assert.Equal(3, await alice.WaitForExitAsync());
        Assert.Contains("did not take the call", alice.Error, StringComparison.Ordinal);
        Assert.Equal("local.agent-a calls.", status);
    }

    private static (long Sent, long Received)? Frames(RealProcess program)
    {
        var line = program.Output.Split('\n').LastOrDefault(static line => line.StartsWith("{\"type\":\"frames\"", StringComparison.Ordinal) && line.EndsWith('}'));
        if (line is null)
        {
            return null;
        }

        using var json = JsonDocument.Parse(line);
        return (json.RootElement.GetProperty("sent").GetInt64(), json.RootElement.GetProperty("received").GetInt64());
    }
}
