using System.Text.Json;
using Parley.EndToEndTests.Browser;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>Words and calls between a person with a browser and an agent, through the hub's page.</summary>
public sealed class VisitorTalkTests
{
    private const int Enter = 13;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Words_and_a_file_go_both_ways_whoever_asks_and_words_stay_words(bool pageAsks)
    {
        await using var site = await VisitorSite.StartAsync();
        var file = site.MakeFile("notes.bin", 300_000);
        await using var window = await site.VisitAsync(Stop);
        string[] target = pageAsks ? ["--from", "bob"] : ["bob"];
        await using var agent = site.StartWithInput(["p2p", "chat", .. target, "--json", "-o", site.Hub.HomeOf("in")]);
        await window.ClickAsync("#tab-chat", Stop);
        await window.EvaluateAsync("document.getElementById('chat-text').focus()", Stop);
        if (!pageAsks)
        {
            await agent.WriteAsync("""{"type":"message","text":"<b>bold</b> \u202e hidden"}""" + "\n");
            await window.WaitForAsync("document.querySelector('#messages li .words')", Stop);
        }

        await window.TypeAsync("hello from a page", Stop);
        await window.PressAsync("Enter", Enter, Stop);
        await agent.WaitForOutputAsync("\"text\":\"hello from a page\"");
        await window.WaitForAsync("document.querySelector('#messages .mine .mark')?.textContent === '✓ shown there'", Stop);
        if (pageAsks)
        {
            await agent.WriteAsync("""{"type":"message","text":"<b>bold</b> \u202e hidden"}""" + "\n");
        }

        await window.WaitForAsync("[...document.querySelectorAll('#messages .words')].some((one) => one.textContent === '<b>bold</b> \\ufffd hidden')", Stop);
        await window.ChooseAsync("#chat-file", file, Stop);
        var offer = await agent.WaitForOutputAsync("\"type\":\"offer\"");
        using var offered = JsonDocument.Parse(offer);
        await agent.WriteAsync($$"""{"type":"take","file":{{offered.RootElement.GetProperty("file").GetInt64()}}}""" + "\n");
        await window.WaitForAsync("document.getElementById('messages').textContent.includes('It arrived.')", Stop);
        await agent.WriteAsync("""{"type":"quit"}""" + "\n");

        Assert.Equal(0, await agent.WaitForExitAsync());
        await window.WaitForAsync("document.getElementById('messages').textContent.includes('The chat with local.agent-a is over.')", Stop);
        Assert.Equal(await File.ReadAllBytesAsync(file, Stop), await File.ReadAllBytesAsync(Path.Combine(site.Hub.HomeOf("in"), "notes.bin"), Stop));
        Assert.Equal("0", await window.EvaluateAsync("document.querySelectorAll('#messages b').length", Stop));
    }

    [Fact]
    public async Task A_person_calls_an_agents_person_and_both_see_each_other()
    {
        await using var site = await VisitorSite.StartAsync();
        await using var agent = site.Start("p2p", "call", "--from", "bob", "--no-browser", "--json");
        await using var theirs = await ChromiumWindow.OpenAsync(await agent.WaitForErrorAsync("http://127.0.0.1:"), Stop);
        await agent.WaitForErrorAsync("listening");
        await using var window = await site.VisitAsync(Stop);

        await window.ClickAsync("#tab-call", Stop);
        await window.ClickAsync("#call-camera", Stop);
        await Deadline.UntilAsync(() => Frames(agent) is { Sent: > 50, Received: > 50 }, () => $"frames; {agent}");
        var shown = await window.EvaluateAsync("document.getElementById('remote').videoWidth", Stop);
        var (phrase, theirPhrase) = (await window.EvaluateAsync("document.getElementById('phrase').textContent", Stop), await theirs.EvaluateAsync("document.getElementById('phrase').textContent", Stop));
        var status = await window.EvaluateAsync("document.getElementById('call-status').textContent", Stop);
        await window.CaptureAsync(Path.Combine(RepositoryFiles.Root, "artifacts", "test-output", "page-in-call.png"), Stop);
        await window.ClickAsync("#hang-up", Stop);

        Assert.Equal(0, await agent.WaitForExitAsync());
        Assert.Equal(phrase, theirPhrase);
        Assert.Matches("^([0-9]{5} ?){8}$", phrase);
        Assert.NotEqual("0", shown);
        Assert.StartsWith("Connected: direct UDP", status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agents_call_rings_before_anything_is_sent_and_may_be_declined_or_answered()
    {
        await using var site = await VisitorSite.StartAsync();
        await using var window = await site.VisitAsync(Stop);
        await using (var declined = site.Start("p2p", "call", "bob", "--no-browser"))
        await using (await ChromiumWindow.OpenAsync(await declined.WaitForErrorAsync("http://127.0.0.1:"), Stop))
        {
            await window.WaitForAsync("!document.getElementById('ring').hidden", Stop);
            Assert.Equal("0", await window.EvaluateAsync("connections.length", Stop));
            await window.ClickAsync("#ring-decline", Stop);
            Assert.Equal(3, await declined.WaitForExitAsync());
        }

        await using var agent = site.Start("p2p", "call", "bob", "--no-browser", "--json");
        await using var theirs = await ChromiumWindow.OpenAsync(await agent.WaitForErrorAsync("http://127.0.0.1:"), Stop);
        await window.WaitForAsync("!document.getElementById('ring').hidden", Stop);
        await window.ClickAsync("#ring-take", Stop);
        await Deadline.UntilAsync(() => Frames(agent) is { Sent: > 20, Received: > 20 }, () => $"frames; {agent}");
        await theirs.ClickAsync("#end", Stop);

        Assert.Equal(0, await agent.WaitForExitAsync());
        await window.WaitForAsync("document.getElementById('call-status').textContent === 'local.agent-a hung up.'", Stop);
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
