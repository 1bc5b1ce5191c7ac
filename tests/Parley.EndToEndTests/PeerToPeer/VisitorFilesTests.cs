using System.Security.Cryptography;
using System.Text.Json;
using Parley.EndToEndTests.Browser;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>Files between a person with a browser and an agent, through the hub's page.</summary>
public sealed class VisitorFilesTests
{
    private const int Large = 100_000_000;
    private const int Tab = 9;
    private const int Enter = 13;
    private const int ArrowRight = 39;
    private const int ArrowLeft = 37;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hundred_megabytes_that_a_person_picks_arrive_at_the_agent()
    {
        await using var site = await VisitorSite.StartAsync();
        var file = site.MakeFile("large.bin", Large);
        await using var agent = site.Start("p2p", "recv", "--once", "--from", "bob", "--json", "-o", site.Hub.HomeOf("in"));
        await agent.WaitForErrorAsync("listening");
        await using var window = await site.VisitAsync(Stop);

        await window.ChooseAsync("#pick-files", file, Stop);
        await window.ClickAsync("#send", Stop);
        var exit = await agent.WaitForExitAsync();
        await window.WaitForAsync("document.querySelector('#sendings code')", Stop);

        using var result = JsonDocument.Parse(agent.Output);
        Assert.Equal((0, "webrtc"), (exit, result.RootElement.GetProperty("path").GetString()));
        Assert.Equal(Hash(file), await window.EvaluateAsync("document.querySelector('#sendings code').textContent", Stop));
        Assert.Equal(Hash(file), Hash(Path.Combine(site.Hub.HomeOf("in"), "large.bin")));
        Assert.Contains("1 file arrived, 100 MB", await window.EvaluateAsync("document.getElementById('sendings').textContent", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_megabytes_of_the_agent_are_shown_taken_and_saved()
    {
        await using var site = await VisitorSite.StartAsync();
        var file = site.MakeFile("large.bin", Large);
        Directory.CreateDirectory(site.Hub.HomeOf("saved"));
        await using var window = await site.VisitAsync(Stop);
        await window.DownloadToAsync(site.Hub.HomeOf("saved"), Stop);
        await using var agent = site.Start("p2p", "send", file, "bob", "--json");

        await window.WaitForAsync("document.querySelector('#receivings .go')", Stop);
        var offered = await window.EvaluateAsync("document.getElementById('receivings').textContent", Stop);
        await window.ClickAsync("#receivings .go", Stop);
        var exit = await agent.WaitForExitAsync();
        await window.WaitForAsync("document.querySelector('#receivings code')", Stop);
        await window.ClickAsync("#receivings .files button", Stop);
        var saved = Path.Combine(site.Hub.HomeOf("saved"), "large.bin");
        await Deadline.UntilAsync(() => File.Exists(saved) && new FileInfo(saved).Length == Large, "the download");

        Assert.Equal(0, exit);
        Assert.Contains("local.agent-a sends 1 file (100 MB)", offered, StringComparison.Ordinal);
        Assert.Equal(Hash(file), await window.EvaluateAsync("document.querySelector('#receivings code').textContent", Stop));
        Assert.Equal(Hash(file), Hash(saved));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_way_that_breaks_amid_a_file_is_followed_by_another_and_the_file_goes_on(bool isFromPage)
    {
        await using var site = await VisitorSite.StartAsync();
        var file = site.MakeFile("large.bin", Large);
        await using var window = await site.VisitAsync(Stop);
        string[] command = isFromPage ? ["p2p", "recv", "--once", "--yes", "--json", "-o", site.Hub.HomeOf("in")] : ["p2p", "send", file, "bob", "--json"];
        await using var agent = site.Start(command);
        if (isFromPage)
        {
            await window.ChooseAsync("#pick-files", file, Stop);
            await window.ClickAsync("#send", Stop);
        }
        else
        {
            await window.WaitForAsync("document.querySelector('#receivings .go')", Stop);
            await window.ClickAsync("#receivings .go", Stop);
        }

        var card = isFromPage ? "#sendings" : "#receivings";
        await window.WaitForAsync($"document.querySelector('{card} progress')?.value > 0.1", Stop);
        await window.EvaluateAsync("connections.at(-1).close()", Stop);
        var exit = await agent.WaitForExitAsync();
        await window.WaitForAsync($"document.querySelector('{card} code')", Stop);

        Assert.True(exit == 0, agent.ToString());
        Assert.Equal("2", await window.EvaluateAsync("connections.length", Stop));
        Assert.Equal(Hash(file), await window.EvaluateAsync($"document.querySelector('{card} code').textContent", Stop));
    }

    [Fact]
    public async Task Somebody_who_declines_is_told_apart_from_somebody_who_is_not_there()
    {
        await using var site = await VisitorSite.StartAsync();
        var file = site.MakeFile("small.bin", 10);
        await using var window = await site.VisitAsync(Stop);
        await window.ChooseAsync("#pick-files", file, Stop);
        await window.ClickAsync("#send", Stop);
        await window.WaitForAsync("document.getElementById('sendings').textContent.includes('it must run “parley p2p recv --from bob”')", Stop);
        await using var agent = site.Start("p2p", "recv", "--from", "somebody-else", "-o", site.Hub.HomeOf("in"));

        await window.WaitForAsync("document.querySelector('#sendings .problem')", Stop);

        Assert.Contains("The receiver does not want the files. Ask whoever is at the other end.", await window.EvaluateAsync("document.querySelector('#sendings .problem').textContent", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_phone_nothing_scrolls_sideways_and_everything_can_be_touched()
    {
        await using var site = await VisitorSite.StartAsync();
        await using var window = await site.VisitAsync(Stop);
        await window.BecomePhoneAsync(360, 740, Stop);

        foreach (var tab in (string[])["send", "receive", "chat", "call"])
        {
            await window.ClickAsync("#tab-" + tab, Stop);
            await window.EvaluateAsync("document.getElementById('trust').open = true", Stop);

            Assert.Equal("360", await window.EvaluateAsync("document.documentElement.scrollWidth", Stop));
            Assert.Equal(
                string.Empty,
                await window.EvaluateAsync("[...document.querySelectorAll('button, label.button, summary')].filter((one) => one.offsetParent && (one.getBoundingClientRect().height < 44 || one.getBoundingClientRect().width < 44)).map((one) => one.id || one.textContent).join()", Stop));
            await window.CaptureAsync(Path.Combine(RepositoryFiles.Root, "artifacts", "test-output", $"page-{tab}.png"), Stop);
        }
    }

    [Fact]
    public async Task With_the_keyboard_alone_a_file_is_sent_and_tabs_are_changed()
    {
        await using var site = await VisitorSite.StartAsync();
        var file = site.MakeFile("small.bin", 5000);
        await using var agent = site.Start("p2p", "recv", "--once", "--yes", "-o", site.Hub.HomeOf("in"));
        await agent.WaitForErrorAsync("listening");
        await using var window = await site.VisitAsync(Stop);

        await TabToAsync(window, "pick-files");
        await window.ChooseAsync("#pick-files", file, Stop);
        await TabToAsync(window, "send");
        await window.PressAsync("Enter", Enter, Stop);
        var exit = await agent.WaitForExitAsync();
        await window.EvaluateAsync("document.getElementById('tab-send').focus()", Stop);
        await window.PressAsync("ArrowRight", ArrowRight, Stop);
        await window.PressAsync("ArrowRight", ArrowRight, Stop);
        var chat = await window.EvaluateAsync("[document.activeElement.id, document.getElementById('panel-chat').hidden].join()", Stop);
        await window.PressAsync("ArrowLeft", ArrowLeft, Stop);

        Assert.Equal(0, exit);
        Assert.Equal(Hash(file), Hash(Path.Combine(site.Hub.HomeOf("in"), "small.bin")));
        Assert.Equal("tab-chat,false", chat);
        Assert.Equal("tab-receive", await window.EvaluateAsync("document.activeElement.id", Stop));
    }

    private static async Task TabToAsync(ChromiumWindow window, string id)
    {
        for (var press = 0; press < 12; press++)
        {
            if (await window.EvaluateAsync("document.activeElement.id", Stop) == id)
            {
                return;
            }

            await window.PressAsync("Tab", Tab, Stop);
        }

        Assert.Fail($"{id} is not reached by the keyboard.");
    }

    private static string Hash(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
