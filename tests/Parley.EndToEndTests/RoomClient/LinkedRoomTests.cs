using System.Text.Json;
using System.Text.RegularExpressions;
using Parley.EndToEndTests.Cli;
using Parley.EndToEndTests.Rooms;
using Parley.Testing;

namespace Parley.EndToEndTests.RoomClient;

/// <summary><c>parley room</c> and <c>parley supervise</c> in a home that joined the hub: they use its link by themselves.</summary>
public sealed class LinkedRoomTests
{
    private const string Attached = "attached as Caller over";

    [Fact]
    public async Task An_agent_with_a_link_and_one_with_curl_talk_for_50_turns()
    {
        await using var site = await StartAsync();
        using var curl = new ScriptedAgent("newest", new Uri(site.Address), null);
        var supervisor = site.SuperviseWith("alice", Unnamed(site), "echo \"answer to $(cat \"$A2A_SUPERVISOR_MESSAGE_FILE\")\"", "--mode", "listen");
        await curl.SayAsync("host-connect", await RoomSite.CodeAsync(supervisor, "LISTENER_CODE"));

        for (var turn = 0; turn < 25; turn++)
        {
            Assert.Contains($"│ answer to question {turn}\n", await curl.SayAsync("loop", "host", $"question {turn} [OVER]") + "\n");
        }

        await curl.SayAsync("leave", "host");
        Assert.Equal(0, await supervisor.WaitForExitAsync());
        Assert.Single(Regex.Matches(site.Hub.Process.Error, Attached));
    }

    [Fact]
    public async Task A_supervised_session_outlives_a_killed_hub_by_its_link_and_takes_a_new_room()
    {
        await using var site = await StartAsync();
        var supervisor = site.SuperviseWith("alice", Unnamed(site), "echo fine", "--mode", "listen");
        var first = await RoomSite.CodeAsync(supervisor, "LISTENER_CODE");

        site.Hub.Process.Kill();
        await supervisor.WaitForErrorAsync("HUB_AWAY");
        await site.Hub.RestartAsync();
        await supervisor.WaitForErrorAsync("ROOM_LOST");
        await Deadline.UntilAsync(() => Codes(supervisor).Count == 2, "a second code");

        using var curl = new ScriptedAgent("newest", new Uri(site.Address), null);
        Assert.Equal("ERROR: Invite code invalid or already used", await curl.SayAsync("host-connect", first));
        await curl.SayAsync("host-connect", Codes(supervisor)[1]);
        Assert.Contains("│ fine", await curl.SayAsync("loop", "host", "hello [OVER]"));
    }

    [Fact]
    public async Task A_session_goes_on_whichever_door_it_was_made_by()
    {
        await using var site = await StartAsync();
        var linked = Unnamed(site);

        var created = JsonDocument.Parse((await RunAsync(site, "alice", linked, "create", "--json")).Output);
        var joined = await RunAsync(site, "bob", linked, "join", created.RootElement.GetProperty("code").GetString()!, "--hub", site.Address);
        var overHttp = await site.RoomAsync("alice", "wait");
        var overLink = await RunAsync(site, "alice", linked, "send", "said over the link");
        var read = await RunAsync(site, "bob", linked, "wait");
        await site.RoomAsync("bob", "send", "said over HTTP");
        var answered = await RunAsync(site, "alice", linked, "wait");

        Assert.Equal((0, "DELIVERED\n"), (joined.ExitCode, overLink.Output));
        Assert.Contains("has joined", overHttp.Output);
        Assert.Contains("│ said over the link\n", read.Output);
        Assert.Contains("│ said over HTTP\n", answered.Output);
        Assert.Equal(4, Regex.Count(site.Hub.Process.Error, Attached));
    }

    [Fact]
    public async Task Where_no_link_can_be_made_it_goes_over_HTTP()
    {
        await using var site = await StartAsync();
        Assert.Equal(0, (await site.Hub.AdminAsync("agents", "remove", "alice")).ExitCode);

        var created = await RunAsync(site, "alice", Unnamed(site), "create");

        Assert.Equal(0, created.ExitCode);
        Assert.DoesNotContain(Attached, site.Hub.Process.Error);
    }

    private static async Task<RoomSite> StartAsync()
    {
        var site = await RoomSite.StartWithAsync(new Dictionary<string, string?> { ["PARLEY_LOG"] = "information" });
        foreach (var machine in new[] { "alice", "bob" })
        {
            var joined = await ParleyProgram.RunAsync(site.PathOf(machine), "join", await site.Hub.MakeJoinStringAsync(), "--name", machine);
            Assert.Equal(0, joined.ExitCode);
        }

        return site;
    }

    private static List<string> Codes(RealProcess supervisor) => [.. Regex.Matches(supervisor.Output, "LISTENER_CODE: (listen_[a-f0-9]+)").Select(match => match.Groups[1].Value)];

    private static Dictionary<string, string?> Unnamed(RoomSite site)
    {
        var variables = site.Variables();
        variables["PARLEY_HUB"] = null;
        return variables;
    }

    private static Task<ProcessOutcome> RunAsync(RoomSite site, string machine, Dictionary<string, string?> variables, params string[] arguments) =>
        ParleyProgram.RunWithAsync(site.PathOf(machine), variables, string.Empty, ["room", .. arguments]);
}
