using Parley.Hub.Identity.Keys;
using Parley.Hub.Rooms;
using Parley.Testing;

namespace Parley.EndToEndTests.Rooms;

/// <summary>Sessions as the scripts of either generation hold them, with real bash and curl.</summary>
public sealed class RoomScriptTests : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _hubs = [];
    private readonly List<ScriptedAgent> _agents = [];

    /// <summary>The first generation speaks https only.</summary>
    public static TheoryData<string, bool> Generations => new() { { "first", true }, { "newest", false }, { "newest", true } };

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task Host_and_joiner_talk(string generation, bool isTls)
    {
        var (host, joiner, hub) = await StartAsync(generation, isTls);
        Assert.Equal("A2ALinker HTTP API is READY", await host.SayAsync("check-remote"));

        var opened = await host.SayAsync("host-connect", string.Empty, "true");
        var joined = await joiner.SayAsync("join-connect", CodeIn(opened, "INVITE_CODE: "));

        Assert.Contains("HEADLESS_SET: true", opened);
        Assert.Contains("║ 1. One speaks, the other waits.", joined);
        Assert.Equal(11, joined.Split('\n').Count(line => line.Contains('║') || line.Contains('═')));
        Assert.EndsWith("STATUS: (2/2 connected)\nHEADLESS: true", joined);
        await using var waiting = joiner.Start("loop", "join");
        await UntilParkedAsync(hub);
        await using var hosting = host.Start("loop", "host", "Please count to three [OVER]");
        await waiting.WaitForExitAsync();
        Assert.Matches("^MESSAGE_RECEIVED\n┌─ Agent-[a-f0-9]{4} \\[OVER\\]\n│\n│ Please count to three\n└────\n$", waiting.Output);
        Assert.Equal("DELIVERED", await joiner.SayAsync("send", "join", "one two three [OVER]"));
        await hosting.WaitForExitAsync();
        Assert.Contains("│ one two three\n", hosting.Output);
        Assert.DoesNotContain("has joined", hosting.Output);
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task A_listener_is_called_by_its_host(string generation, bool isTls)
    {
        var (host, joiner, hub) = await StartAsync(generation, isTls);
        var code = CodeIn(await joiner.SayAsync("listen", "true"), "LISTENER_CODE: ");
        await using var waiting = joiner.Start("loop", "join");
        await UntilParkedAsync(hub);

        var connected = await host.SayAsync("host-connect", code);
        await host.SayAsync("send", "host", "hello listener [OVER]");

        Assert.Equal("STATUS: (2/2 connected)\nROLE: host\nHEADLESS: true", connected);
        await waiting.WaitForExitAsync();
        Assert.Contains("│ hello listener\n", waiting.Output);
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task Headless_is_set_and_a_dead_token_is_told_apart(string generation, bool isTls)
    {
        var (host, _, _) = await StartAsync(generation, isTls);
        await host.SayAsync("host-connect");

        Assert.Equal("HEADLESS_SET: true", await host.SayAsync("set-headless", "host", "true"));
        await host.SayAsync("leave", "host");
        Assert.Equal("ERROR: Unauthorized", await host.SayAsync("set-headless", "host", "true"));
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task Ping_leave_and_a_closed_room_are_what_the_scripts_expect(string generation, bool isTls)
    {
        var (host, joiner, _) = await StartAsync(generation, isTls);
        await PairAsync(host, joiner);
        Assert.Matches("^ROOM_ALIVE last_seen_ms=\\d+$", await joiner.SayAsync("ping", "join"));

        Assert.Equal("LEFT", await host.SayAsync("leave", "host"));

        Assert.Contains(RoomNotices.HostClosed, await joiner.SayAsync("loop", "join"));
        Assert.Contains(RoomNotices.HostClosed, await joiner.SayAsync("wait-message", "join"));
        Assert.Equal("TIMEOUT_ROOM_CLOSED", await joiner.SayAsync("wait-message", "join"));
        Assert.Equal("ROOM_CLOSED", await joiner.SayAsync("ping", "join"));
        Assert.Equal("NOT_DELIVERED: Not in a room (HTTP 400)", await joiner.SayAsync("send", "join", "anyone?"));
        Assert.Equal("LEAVE_ERROR: No token", await host.SayAsync("leave", "host"));
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task A_wait_without_an_event_finds_the_room_alive(string generation, bool isTls)
    {
        var (host, joiner, _) = await StartAsync(generation, isTls, waitSeconds: 1);
        await PairAsync(host, joiner);

        Assert.Matches("^TIMEOUT_ROOM_ALIVE last_seen_ms=\\d+$", await joiner.SayAsync("wait-message", "join"));
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task A_host_that_sends_too_early_is_told_and_a_bad_code_is_an_error(string generation, bool isTls)
    {
        var (host, joiner, _) = await StartAsync(generation, isTls);
        await host.SayAsync("host-connect");

        var early = await host.RunAsync("send", "host", "anyone?");
        var wrong = await joiner.RunAsync("join-connect", "invite_0");

        Assert.Equal((1, "NOT_DELIVERED: Partner not connected (HTTP 503)\n"), (early.ExitCode, early.Output));
        Assert.Equal((1, "ERROR: Invite code invalid or already used\n"), (wrong.ExitCode, wrong.Output));
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task A_loop_is_called_one(string generation, bool isTls)
    {
        var (host, joiner, _) = await StartAsync(generation, isTls);
        await PairAsync(host, joiner);
        for (var number = 0; number < 7; number++)
        {
            Assert.Equal("DELIVERED", await host.SayAsync("send", "host", "Thanks! [OVER]"));
        }

        var eighth = await host.RunAsync("send", "host", "Thanks! [OVER]");

        Assert.Equal((0, "LOOP_DETECTED: (HTTP 429)\n"), (eighth.ExitCode, eighth.Output));
        Assert.Contains(RoomNotices.Loop, await host.SayAsync("loop", "host"));
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task Many_lines_and_what_is_special_to_a_shell_arrive(string generation, bool isTls)
    {
        var (host, joiner, _) = await StartAsync(generation, isTls);
        await PairAsync(host, joiner);
        const string text = "if [ \"$x\" = `id` ]; then\n\techo 'a b' $((1+1)) \\n %s !!\nfi # ünïcode ─│└";

        await host.SayAsync("send", "host", text + "\n[OVER]");

        Assert.EndsWith($"│ {text.Replace("\n", "\n│ ", StringComparison.Ordinal)}\n└────", await joiner.SayAsync("loop", "join"));
    }

    [Theory]
    [InlineData("first", true)]
    [InlineData("newest", false)]
    public async Task Two_scripted_agents_talk_for_200_turns_when_there_is_time_and_for_60_else(string generation, bool isTls)
    {
        var turns = Requires.IsLongRun ? 100 : 30;
        var (host, joiner, _) = await StartAsync(generation, isTls);
        await PairAsync(host, joiner);

        await using var joining = joiner.Start("talk", "join", $"{turns}");
        await using var hosting = host.Start("talk", "host", $"{turns}");
        await Task.WhenAll(joining.WaitForExitAsync(), hosting.WaitForExitAsync());

        Assert.Equal([.. Enumerable.Range(1, turns - 1).Select(turn => $"turn {turn} of join"), "last from join"], SaidIn(hosting.Output));
        Assert.Equal(Enumerable.Range(1, turns).Select(turn => $"turn {turn} of host"), SaidIn(joining.Output));
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task A_whole_session_goes_from_the_first_check_to_the_closed_room(string generation, bool isTls)
    {
        var (host, joiner, hub) = await StartAsync(generation, isTls);
        Assert.Equal("A2ALinker HTTP API is READY", await host.SayAsync("check-remote"));
        await PairAsync(host, joiner);
        await using var joining = joiner.Start("loop", "join");
        await UntilParkedAsync(hub);

        await using var hosting = host.Start("loop", "host", "Build it, please [OVER]");
        await joining.WaitForExitAsync();
        Assert.Equal("DELIVERED", await joiner.SayAsync("send", "join", "It is built. [STANDBY]"));
        await hosting.WaitForExitAsync();
        Assert.Equal("DELIVERED", await host.SayAsync("send", "host", "Thank you. [STANDBY]"));
        var paused = new[] { await joiner.SayAsync("loop", "join"), await joiner.SayAsync("loop", "join"), await host.SayAsync("loop", "host") };
        Assert.Equal("DELIVERED", await host.SayAsync("send", "host", "One thing more: run the tests [OVER]"));
        var resumed = await joiner.SayAsync("loop", "join");
        await host.SayAsync("leave", "host");

        Assert.Matches("\\[OVER\\]\n│\n│ Build it, please\n└────\n$", joining.Output);
        Assert.Matches("\\[STANDBY\\]\n│\n│ It is built.\n└────\n$", hosting.Output);
        Assert.Contains(RoomNotices.BothStandby, paused[0]);
        Assert.Contains("│ Thank you.", paused[1]);
        Assert.Contains(RoomNotices.BothStandby, paused[2]);
        Assert.Contains("│ One thing more: run the tests", resumed);
        Assert.Contains(RoomNotices.HostClosed, await joiner.SayAsync("loop", "join"));
        Assert.Contains(RoomNotices.HostClosed, await joiner.SayAsync("loop", "join"));
        Assert.Equal("ROOM_CLOSED", await joiner.SayAsync("ping", "join"));
    }

    [Fact]
    public async Task A_second_waiter_of_the_newest_generation_is_told_and_the_first_one_served()
    {
        var (host, joiner, hub) = await StartAsync("newest", isTls: false);
        await PairAsync(host, joiner);
        await using var waiting = joiner.Start("loop", "join");
        await UntilParkedAsync(hub);

        Assert.Equal("WAIT_ALREADY_PENDING", await joiner.SayAsync("wait-message", "join"));
        await host.SayAsync("send", "host", "for the first one");

        await waiting.WaitForExitAsync();
        Assert.Contains("│ for the first one\n", waiting.Output);
    }

    [Fact]
    public async Task Generations_meet_in_one_room()
    {
        var (host, _, hub) = await StartAsync("first", isTls: true);
        var joiner = Use(new ScriptedAgent("newest", hub.Hub.LocalHttp, Path.Combine(hub.DataFolder, SelfMadeCertificate.FileName)));
        await PairAsync(host, joiner);

        await host.SayAsync("send", "host", "from the first [OVER]");
        Assert.Contains("│ from the first\n", await joiner.SayAsync("loop", "join"));
        await joiner.SayAsync("send", "join", "from the newest [OVER]");
        Assert.Contains("│ from the newest\n", await host.SayAsync("loop", "host"));
    }

    [Fact]
    public void The_emulators_are_clean_shell()
    {
        var shellcheck = Requires.Program("shellcheck");

        using var check = System.Diagnostics.Process.Start(shellcheck, RepositoryFiles.List("tests/Parley.EndToEndTests/Rooms", "*.sh").Select(path => Path.Combine(RepositoryFiles.Root, path)))!;
        check.WaitForExit();

        Assert.Equal(0, check.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents)
        {
            agent.Dispose();
        }

        foreach (var hub in _hubs)
        {
            await hub.DisposeAsync();
        }
    }

    private static IEnumerable<string> SaidIn(string output) =>
        output.Split('\n').Where(line => line.StartsWith("│ ", StringComparison.Ordinal)).Select(line => line[2..].Split(',')[0]);

    private static string CodeIn(string output, string label) => output.Split('\n').Single(line => line.StartsWith(label, StringComparison.Ordinal))[label.Length..];

    private static Task UntilParkedAsync(ApiHub hub) => Deadline.UntilAsync(() => hub.Get<RoomService>().Meter.OpenWaits == 1, "a parked wait");

    private static async Task PairAsync(ScriptedAgent host, ScriptedAgent joiner) =>
        Assert.Contains("STATUS: (2/2 connected)", await joiner.SayAsync("join-connect", CodeIn(await host.SayAsync("host-connect"), "INVITE_CODE: ")));

    private async Task<(ScriptedAgent Host, ScriptedAgent Joiner, ApiHub Hub)> StartAsync(string generation, bool isTls, int waitSeconds = 20)
    {
        var hub = await ApiHub.StartAsync(options =>
        {
            options.Rooms.WaitLimit = TimeSpan.FromSeconds(waitSeconds);
            if (isTls)
            {
                (options.Http, options.Grpc, options.Tls) = (new Uri("https://127.0.0.1:0"), null, TlsOptions.Self);
            }
        });
        _hubs.Add(hub);
        var certificate = isTls ? Path.Combine(hub.DataFolder, SelfMadeCertificate.FileName) : null;
        return (Use(new ScriptedAgent(generation, hub.Hub.LocalHttp, certificate)), Use(new ScriptedAgent(generation, hub.Hub.LocalHttp, certificate)), hub);
    }

    private ScriptedAgent Use(ScriptedAgent agent)
    {
        _agents.Add(agent);
        return agent;
    }
}
