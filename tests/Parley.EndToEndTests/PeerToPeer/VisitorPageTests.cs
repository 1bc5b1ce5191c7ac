using System.Text.Json;
using Parley.EndToEndTests.Browser;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>A person with a browser, invited by an agent, on the page of a real hub.</summary>
public sealed class VisitorPageTests
{
    private const string Open = "const { Meeting } = await import('/p2p/session.js'); const meeting = await Meeting.open({ invite: window.entry });";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_agent_waits_for_who_was_invited_finds_a_way_and_both_show_one_phrase()
    {
        await using var site = await VisitorSite.StartAsync();
        await using var doctor = site.Start("p2p", "doctor", "bob", "--json", "--timeout", "2m");
        await using var window = await site.EnterAsync(Stop);
        await window.EvaluateAsync(
            $$"""
            (async () => {
              {{Open}}
              const { answerProbe } = await import('/p2p/probe.js');
              meeting.accept('probe', (session) => {
                window.phrase = session.phrase;
                answerProbe(session);
              });
            })()
            """,
            Stop);

        Assert.True(await doctor.WaitForExitAsync() == 0, doctor.ToString());
        using var json = JsonDocument.Parse(doctor.Output);
        Assert.Equal(await window.EvaluateAsync("window.phrase", Stop), json.RootElement.GetProperty("phrase").GetString());
        Assert.Equal(["webrtc"], json.RootElement.GetProperty("ways").EnumerateArray().Where(static way => way.GetProperty("works").GetBoolean()).Select(static way => way.GetProperty("path").GetString()));
    }

    [Fact]
    public async Task An_invited_browser_asks_the_agent_and_bytes_come_back_whole()
    {
        await using var site = await VisitorSite.StartAsync();
        await using var agent = site.Start("p2p", "doctor");
        await agent.WaitForErrorAsync("answering");
        await using var window = await site.EnterAsync(Stop);

        var came = await window.EvaluateAsync(
            $$"""
            (async () => {
              {{Open}}
              const session = await meeting.ask(meeting.host, 'probe');
              const path = await session.nextPath();
              const sent = new Uint8Array(500_000).map((_, at) => at * 7);
              const writing = path.write(sent);
              const parts = [];
              for (let length = 0; length < sent.length;) {
                const piece = await path.read();
                parts.push(piece);
                length += piece.length;
              }
              await writing;
              const back = new Uint8Array(await new Blob(parts).arrayBuffer());
              await session.close();
              return [path.name, session.trust, back.length, back.every((byte, at) => byte === sent[at])].join();
            })().catch((error) => error.message)
            """,
            Stop);

        Assert.Equal("direct UDP,invited,500000,true", came);
        Assert.Contains("local.bob", agent.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_visit_goes_on_by_its_key_alone_and_is_over_when_it_is_revoked()
    {
        await using var site = await VisitorSite.StartAsync();
        await using var window = await site.EnterAsync(Stop);
        var first = await window.EvaluateAsync($"(async () => {{ {Open} await meeting.close(); return meeting.self; }})().catch((error) => error.message)", Stop);

        var back = await window.EvaluateAsync(
            """
            (async () => {
              const { Meeting } = await import('/p2p/session.js');
              const meeting = await Meeting.open({ invite: 'local.bob', onState: ({ state, error }) => { window.state = state; window.code = error?.code; } });
              const { browserStore } = await import('/p2p/identity.js');
              const kept = await browserStore().find('local.bob');
              return [meeting.self, meeting.host, kept.pair.privateKey.extractable, 'secret' in kept].join();
            })().catch((error) => error.message)
            """,
            Stop);
        var revoked = await site.RunAsync("p2p", "invite", "bob", "--revoke");
        await window.WaitForAsync("window.state === 'over'", Stop);
        var again = await window.EvaluateAsync($"(async () => {{ {Open} }})().catch((error) => error.code)", Stop);

        Assert.Equal("local.bob", first);
        Assert.Equal("local.bob,local.agent-a,false,false", back);
        Assert.True(revoked.ExitCode == 0, revoked.ToString());
        Assert.Equal(("agent.revoked", "agent.revoked"), (await window.EvaluateAsync("window.code", Stop), again));
    }
}
