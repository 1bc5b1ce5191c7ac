using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.Skill;

/// <summary>What the skill's scripts say when something is wrong: one line, and an exit code.</summary>
public sealed class SkillFailureTests
{
    private const string Nowhere = "http://127.0.0.1:1";

    [Fact]
    public async Task Without_a_hub_each_script_says_so()
    {
        using var machine = new TempFolder();
        using var agent = new SkillAgent(machine.FullPath, Nowhere);

        var check = await agent.RunAsync("check-remote");
        var connect = await agent.RunAsync("a2a-host-connect");

        Assert.Equal((1, $"FAILED: {Nowhere} unreachable or unhealthy (nobody listens at {Nowhere})\n"), (check.ExitCode, check.Output));
        Assert.Equal((1, $"ERROR: Cannot reach the A2A server: nobody listens at {Nowhere}\n"), (connect.ExitCode, connect.Output));
        Assert.Empty(Directory.EnumerateFileSystemEntries(machine.FullPath));
    }

    [Theory]
    [InlineData("a2a-ping", "PING_ERROR: No token")]
    [InlineData("a2a-wait-message", "ERROR: No token")]
    [InlineData("a2a-loop", "ERROR: No token")]
    [InlineData("a2a-leave", "LEAVE_ERROR: No token")]
    [InlineData("a2a-send", "NOT_DELIVERED: No token", "hello")]
    [InlineData("a2a-set-headless", "ERROR: No token", "true")]
    public async Task Without_a_session_each_script_says_so(string script, string error, params string[] rest)
    {
        using var machine = new TempFolder();
        using var agent = new SkillAgent(machine.FullPath, Nowhere);

        var outcome = await agent.RunAsync(script, ["join", .. rest]);

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith(error, outcome.Output);
    }

    [Theory]
    [InlineData("a2a-join-connect", "ERROR: no invite code")]
    [InlineData("a2a-join-connect", "ERROR: a listener code is for the host", "listen_0")]
    [InlineData("a2a-join-connect", "ERROR: that is no invite code", "invite_\"x")]
    [InlineData("a2a-join-connect", "ERROR: that is no invite code", "hello")]
    [InlineData("a2a-join-connect", "ERROR: --pin needs a value", "--pin")]
    [InlineData("a2a-host-connect", "ERROR: an invite code is for the joiner", "invite_0")]
    [InlineData("a2a-host-connect", "ERROR: that is no listener code", "listen_")]
    [InlineData("a2a-host-connect", "ERROR: headless is true or false, not 'maybe'", "", "maybe")]
    [InlineData("a2a-host-connect", "ERROR: unknown option --x", "--x")]
    [InlineData("a2a-listen", "ERROR: headless is true or false, not '1'", "1")]
    [InlineData("a2a-listen", "ERROR: A2A_PINNEDPUBKEY is sha256//BASE64", "--pin", "/etc/passwd")]
    [InlineData("a2a-listen", "ERROR: A2A_PINNEDPUBKEY needs an https address", "--pin", "sha256//AAAA")]
    [InlineData("a2a-listen", "ERROR: the address of the hub has characters that no address has", "--server", "http://x\"\nheader = \"y")]
    [InlineData("a2a-listen", "ERROR: the address of the hub is http:// or https://, not file:///etc", "--server", "file:///etc")]
    [InlineData("a2a-ping", "ERROR: the role is host or join, not 'guest'", "guest")]
    [InlineData("a2a-loop", "ERROR: the most seconds to wait are a number, not 'soon'", "--max-seconds", "soon")]
    [InlineData("a2a-loop", "ERROR: the most seconds to wait are a number, not 'none'", "--max-seconds")]
    [InlineData("a2a-wait-message", "ERROR: the role is host or join, not ''")]
    [InlineData("a2a-set-headless", "ERROR: headless is true or false, not ''", "host")]
    public async Task Wrong_arguments_are_refused(string script, string error, params string[] arguments)
    {
        using var machine = new TempFolder();
        using var agent = new SkillAgent(machine.FullPath, "http://127.0.0.1:1");

        var outcome = await agent.RunAsync(script, arguments);

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith(error, outcome.Output);
        Assert.Single(outcome.Output.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_code_that_is_wrong_or_spent_is_an_error_and_leaves_no_session()
    {
        await using var stage = await SkillStage.StartAsync();
        var code = SkillStage.After(await stage.Agent().SayAsync("a2a-host-connect"), "INVITE_CODE: ");
        await stage.Agent().SayAsync("a2a-join-connect", code);

        var late = stage.Agent();
        foreach (var bad in new[] { code, "invite_0" })
        {
            var outcome = await late.RunAsync("a2a-join-connect", bad);
            Assert.Equal((1, "ERROR: Invite code invalid or already used\n"), (outcome.ExitCode, outcome.Output));
        }

        Assert.StartsWith("PING_ERROR: No token", await late.SayAsync("a2a-ping", "join"));
    }

    [Fact]
    public async Task A_host_that_speaks_too_early_is_told()
    {
        await using var stage = await SkillStage.StartAsync();
        var host = stage.Agent();
        await host.SayAsync("a2a-host-connect");

        var early = await host.RunAsync("a2a-loop", "host", "anyone?");
        var empty = await host.RunAsync("a2a-send", "host", "--stdin");
        var none = await host.RunAsync("a2a-send", "host");

        Assert.Equal((1, "NOT_DELIVERED: Partner not connected (HTTP 503)\n"), (early.ExitCode, early.Output));
        Assert.Equal((1, "NOT_DELIVERED: Message body required (HTTP 400)\n"), (empty.ExitCode, empty.Output));
        Assert.Equal((1, "ERROR: no message (--stdin, --file PATH, or words)\n"), (none.ExitCode, none.Output));
    }

    [Fact]
    public async Task Too_many_rooms_are_an_error_in_the_hubs_words()
    {
        await using var stage = await SkillStage.StartAsync(options => options.Rooms.RoomsPerHour = 1);
        await stage.Agent().SayAsync("a2a-host-connect");

        var outcome = await stage.Agent().RunAsync("a2a-listen");

        Assert.Equal((1, "ERROR: Too many rooms created from this IP. Try again later.\n"), (outcome.ExitCode, outcome.Output));
    }

    [Fact]
    public async Task A_hub_that_is_only_busy_is_not_taken_for_a_loop()
    {
        await using var busy = await StartBusyHubAsync();
        using var machine = new TempFolder();
        using var agent = new SkillAgent(machine.FullPath, busy.Urls.Single());
        await agent.SayAsync("a2a-host-connect");

        var outcome = await agent.RunAsync("a2a-send", "host", "hello");

        Assert.Equal((1, "NOT_DELIVERED: Too many requests. Try again later. (HTTP 429)\n"), (outcome.ExitCode, outcome.Output));
        Assert.Equal("WAIT_UNAUTHORIZED", await agent.SayAsync("a2a-wait-message", "host"));
        Assert.Equal("PING_ERROR: unexpected answer (HTTP 500)", await agent.SayAsync("a2a-ping", "host"));
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_and_a_key_that_is_not_the_pinned_one_are_refused()
    {
        await using var stage = await SkillStage.StartTlsAsync();
        var (unknown, mistaken) = (stage.Agent(), stage.Agent());
        mistaken.Environment["A2A_PINNEDPUBKEY"] = "sha256//" + Convert.ToBase64String(new byte[32]);

        Assert.Contains("is not trusted; set A2A_PINNEDPUBKEY", await unknown.SayAsync("a2a-host-connect"));
        Assert.Contains("is not the pinned one", await mistaken.SayAsync("a2a-host-connect"));
    }

    [Fact]
    public async Task A_hub_that_is_gone_ends_the_loop_after_four_tries()
    {
        await using var hub = await HubProcess.StartAsync();
        using var machine = new TempFolder();
        using var agent = new SkillAgent(machine.FullPath, hub.ReadFile("http").GetString());
        await agent.SayAsync("a2a-host-connect");
        hub.Process.Kill();
        await hub.Process.WaitForExitAsync();

        var outcome = await agent.RunAsync("a2a-loop", "host");
        var once = await agent.RunAsync("a2a-wait-message", "host");

        Assert.Equal((0, "TIMEOUT_PING_FAILED\n"), (outcome.ExitCode, outcome.Output));
        Assert.Equal((1, "TIMEOUT_PING_FAILED\n"), (once.ExitCode, once.Output));
    }

    [Fact]
    public async Task A_hub_that_stops_and_comes_back_has_forgotten_the_room_and_the_loop_says_so()
    {
        await using var hub = await HubProcess.StartAsync();
        var address = hub.ReadFile("http").GetString()!.TrimEnd('/');
        using var machine = new TempFolder();
        using var agent = new SkillAgent(machine.FullPath, address);
        agent.Environment["A2A_RETRY_SECONDS"] = "20";
        await agent.SayAsync("a2a-host-connect");
        await using var waiting = agent.Start("a2a-loop", "host");

        hub.Process.Terminate();
        Assert.Equal(0, await hub.Process.WaitForExitAsync());
        await hub.RestartAsync();

        await waiting.WaitForExitAsync();
        Assert.Equal("TIMEOUT_ROOM_CLOSED\n", waiting.Output);
    }

    [Fact]
    public async Task A_folder_that_others_may_enter_keeps_no_token()
    {
        await using var stage = await SkillStage.StartAsync();
        var agent = stage.Agent();
        var wide = Directory.CreateDirectory(Path.Combine(stage.Machine, "wide")).FullName;
        File.SetUnixFileMode(wide, (UnixFileMode)0b111_101_101);
        agent.Environment["A2A_STATE_DIR"] = wide;

        var outcome = await agent.RunAsync("a2a-listen");

        Assert.Equal((1, $"ERROR: others may enter the folder {wide} (A2A_STATE_DIR names another place)\n"), (outcome.ExitCode, outcome.Output));
        Assert.Empty(Directory.EnumerateFileSystemEntries(wide));
    }

    [Fact]
    public async Task The_supervisor_is_the_programs_and_its_absence_a_clear_error()
    {
        using var machine = new TempFolder();
        using var agent = new SkillAgent(machine.FullPath, null);
        var program = Path.Combine(agent.Folder, "program");

        // By a shell: a file that this process has open for writing may be inherited by a child that another test starts just now, and is then "busy".
        await RealProcess.RunAsync(
            "/bin/sh", ["-c", "cat >\"$0\" && chmod 700 \"$0\"", program], "#!/bin/sh\nprintf '<%s>' \"$@\"\necho \" $A2A_RUNNER_COMMAND\"\nexit 5\n");
        agent.Environment["A2A_RUNNER_COMMAND"] = "answer it";

        agent.Environment["PARLEY_BIN"] = program;
        var there = await agent.RunAsync("a2a-supervisor", "--mode", "listen", "--agent-label", "a b");
        agent.Environment["PARLEY_BIN"] = "parley-that-is-not-there";
        var absent = await agent.RunAsync("a2a-supervisor", "--mode", "listen");

        Assert.Equal((5, "<supervise><--mode><listen><--agent-label><a b> answer it\n"), (there.ExitCode, there.Output));
        Assert.Equal(1, absent.ExitCode);
        Assert.StartsWith("ERROR: the supervisor is part of the program parley", absent.Error);
    }

    [Fact]
    public async Task The_scripts_are_clean_shell()
    {
        var shellcheck = Requires.Program("shellcheck");

        var outcome = await RealProcess.RunAsync(shellcheck, ["-x", .. RepositoryFiles.List("skill/scripts", "*.sh").Select(Path.GetFileName).OfType<string>()], folder: SkillAgent.Scripts);

        Assert.Equal((0, string.Empty), (outcome.ExitCode, outcome.Output));
    }

    // A hub of others: it refuses sends for their number, as the newest generation does.
    private static async Task<WebApplication> StartBusyHubAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/setup", () => Results.Text("""{"token":"tok_0123456789ab","code":"invite_0123456789ab","roomName":"room_0","role":"host"}""", "application/json"));
        app.MapPost("/send", () => Results.Text("""{"error":"Too many requests. Try again later."}""", "application/json", statusCode: 429));
        app.MapGet("/wait", () => Results.StatusCode(401));
        app.MapGet("/ping", () => Results.Text("<h1>oops</h1>", statusCode: 500));
        await app.StartAsync();
        return app;
    }
}
