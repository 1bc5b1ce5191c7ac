using Parley.EndToEndTests.Browser;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>The screen in place of the camera, and what is on afterwards.</summary>
public sealed class SharedScreenTests
{
    // Keeps all tracks that a page ever opened.
    private const string Watch = """
        window.opened = [];
        for (const name of ['getUserMedia', 'getDisplayMedia']) {
          const open = navigator.mediaDevices[name].bind(navigator.mediaDevices);
          navigator.mediaDevices[name] = async (wanted) => {
            const stream = await open(wanted);
            window.opened.push(...stream.getTracks().map((track) => ({ name, track })));
            return stream;
          };
        }
        window.shown = () => document.getElementById('local').srcObject?.getVideoTracks()[0];
        window.isReady = () => !document.getElementById('screen').disabled;
        window.isPressed = (id) => document.getElementById(id).getAttribute('aria-pressed') === 'true';
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_shared_screen_takes_the_cameras_place_and_a_hidden_camera_stays_hidden_after_it()
    {
        Requires.Program("chromium");
        await using var hub = await TwoHomes.StartAsync();
        await using var bob = ParleyProgram.Start(hub.HomeOf("b"), "p2p", "call", "--from", "agent-a", "--no-browser", "--watch");
        await using var alice = ParleyProgram.Start(hub.HomeOf("a"), "p2p", "call", "agent-b", "--no-browser");
        await using var bobs = await ChromiumWindow.OpenAsync(await bob.WaitForErrorAsync("http://127.0.0.1:"), Stop);
        await using var alices = await ChromiumWindow.OpenAsync(await alice.WaitForErrorAsync("http://127.0.0.1:"), Stop, Watch);
        await bobs.WaitForAsync("document.getElementById('remote').videoWidth > 0", Stop);
        var camera = await bobs.EvaluateAsync("document.getElementById('remote').videoWidth", Stop);

        await alices.WaitForAsync("isReady()", Stop);
        await alices.ClickAsync("#dark", Stop);
        await alices.ClickAsync("#screen", Stop);
        await alices.WaitForAsync("isReady() && isPressed('screen') && !isPressed('dark') && shown().enabled && shown().getSettings().displaySurface", Stop);
        await bobs.WaitForAsync($"document.getElementById('remote').videoWidth !== {camera}", Stop);

        // As the browser's own button for the end of sharing does it.
        await alices.EvaluateAsync("shown().dispatchEvent(new Event('ended'))", Stop);
        await alices.WaitForAsync("isReady() && !isPressed('screen') && isPressed('dark') && shown() && !shown().enabled && !shown().getSettings().displaySurface", Stop);
        await alices.ClickAsync("#screen", Stop);
        await alices.WaitForAsync("isPressed('screen')", Stop);
        await alices.ClickAsync("#end", Stop);

        Assert.Equal((0, 0), (await alice.WaitForExitAsync(), await bob.WaitForExitAsync()));
        Assert.Equal("5 ended", await alices.EvaluateAsync("opened.length + ' ' + [...new Set(opened.map(({ track }) => track.readyState))].join()", Stop));
    }

    [Fact]
    public async Task A_screen_shared_in_a_call_by_voice_joins_the_sound_and_turns_no_camera_on()
    {
        await using var site = await VisitorSite.StartAsync();
        await using var agent = site.Start("p2p", "call", "--from", "bob", "--no-browser");
        await using var theirs = await ChromiumWindow.OpenAsync(await agent.WaitForErrorAsync("http://127.0.0.1:"), Stop);
        await agent.WaitForErrorAsync("listening");
        await using var window = await site.VisitAsync(Stop, Watch);
        await window.ClickAsync("#tab-call", Stop);
        await window.ClickAsync("#call-voice", Stop);
        await theirs.WaitForAsync("document.getElementById('remote').srcObject?.getAudioTracks().length === 1 && document.getElementById('status').textContent.startsWith('Connected')", Stop);

        await window.WaitForAsync("isReady()", Stop);
        await window.ClickAsync("#screen", Stop);
        await theirs.WaitForAsync("document.getElementById('remote').videoWidth > 0", Stop);
        await window.WaitForAsync("isReady() && isPressed('screen')", Stop);
        var kinds = await theirs.EvaluateAsync("document.getElementById('remote').srcObject.getTracks().filter(({ muted }) => !muted).map(({ kind }) => kind).sort().join()", Stop);
        await window.ClickAsync("#screen", Stop);
        await window.WaitForAsync("isReady() && !isPressed('screen') && document.getElementById('local').hidden", Stop);
        await theirs.WaitForAsync("document.getElementById('remote').srcObject.getVideoTracks().length === 0", Stop);

        Assert.Equal("audio,video", kinds);
        Assert.Equal("getUserMedia audio live,getDisplayMedia video ended", await window.EvaluateAsync("opened.map(({ name, track }) => `${name} ${track.kind} ${track.readyState}`).join()", Stop));
    }
}
