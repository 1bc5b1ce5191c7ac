using Parley.EndToEndTests.Rooms;
using Parley.Hub.Identity.Keys;
using Parley.Hub.Rooms;
using Parley.Testing;

namespace Parley.EndToEndTests.Skill;

/// <summary>Sessions held with the skill's scripts.</summary>
public sealed class SkillSessionTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("certificate")]
    [InlineData("pin")]
    [InlineData("option")]
    public async Task Host_and_joiner_talk(string trust)
    {
        await using var stage = trust == "plain" ? await SkillStage.StartAsync() : await SkillStage.StartTlsAsync();
        var (host, joiner) = (Trusting(stage, trust), Trusting(stage, trust));
        string[] target = trust == "option" ? ["--server", $"localhost:{stage.Hub.Hub.LocalHttp.Port}", "--pin", stage.Hub.Key.Pin!.Value.Value] : [];
        Assert.Equal("HTTP API is READY", await host.SayAsync("check-remote", target));

        var opened = await host.SayAsync("a2a-host-connect", [.. target, "", "true"]);
        var joined = await joiner.SayAsync("a2a-join-connect", [.. target, SkillStage.After(opened, "INVITE_CODE: ")]);

        Assert.Equal("true", SkillStage.After(opened, "HEADLESS_SET: "));
        Assert.Equal("host", SkillStage.After(opened, "ROLE: "));
        Assert.Equal(11, joined.Split('\n').Count(line => line.Contains('║') || line.Contains('═')));
        Assert.Contains("STATUS: (2/2 connected)\nHEADLESS: true\n", joined);
        await using var waiting = joiner.Start("a2a-loop", "join");
        await stage.UntilParkedAsync();
        await using var hosting = host.Start("a2a-loop", "host", "Please count to three [OVER]");
        await waiting.WaitForExitAsync();
        Assert.Matches("^MESSAGE_RECEIVED\n┌─ Agent-[a-f0-9]{4} \\[OVER\\]\n│\n│ Please count to three\n└────\n$", waiting.Output);
        Assert.Equal("DELIVERED", await joiner.SayAsync("a2a-send", "join", "one two three [OVER]"));
        Assert.Equal(0, await hosting.WaitForExitAsync());
        Assert.Contains("│ one two three\n", hosting.Output);
        Assert.DoesNotContain("has joined", hosting.Output);
    }

    [Fact]
    public async Task A_listener_is_headless_unless_told_and_its_caller_becomes_the_host()
    {
        await using var stage = await SkillStage.StartAsync();
        var (host, joiner) = (stage.Agent(), stage.Agent());

        var prepared = await joiner.SayAsync("a2a-listen");
        var connected = await host.SayAsync("a2a-host-connect", SkillStage.After(prepared, "LISTENER_CODE: "));

        Assert.Contains("HEADLESS_SET: true\nROLE: join\n", prepared);
        Assert.StartsWith("STATUS: (2/2 connected)\nROLE: host\nHEADLESS: true\n", connected);
        Assert.Contains("HEADLESS_SET: false", await stage.Agent().SayAsync("a2a-listen", "false"));
    }

    [Fact]
    public async Task An_invite_may_come_from_the_environment()
    {
        await using var stage = await SkillStage.StartAsync();
        var joiner = stage.Agent();
        joiner.Environment["A2A_INVITE"] = SkillStage.After(await stage.Agent().SayAsync("a2a-host-connect"), "INVITE_CODE: ");

        Assert.Contains("STATUS: (2/2 connected)", await joiner.SayAsync("a2a-join-connect"));
    }

    [Fact]
    public async Task A_host_that_stays_is_told_when_the_partner_joins()
    {
        await using var stage = await SkillStage.StartAsync();
        await using var host = stage.Agent().Start("a2a-host-connect", "--notify-human", "--park");
        var code = (await host.WaitForOutputAsync("INVITE_CODE: "))["INVITE_CODE: ".Length..];

        await stage.Agent().SayAsync("a2a-join-connect", code);

        Assert.Equal(0, await host.WaitForExitAsync());
        Assert.Contains("has joined. Session is live!", host.Output);
    }

    [Fact]
    public async Task Sessions_of_two_folders_and_of_two_names_do_not_meet_on_one_machine()
    {
        await using var stage = await SkillStage.StartAsync();
        var (first, second) = (await stage.PairAsync(), await stage.PairAsync());
        var other = stage.Agent();
        first.Host.Environment["A2A_SESSION"] = "other";
        await other.SayAsync("a2a-join-connect", SkillStage.After(await first.Host.SayAsync("a2a-host-connect"), "INVITE_CODE: "));
        await first.Host.SayAsync("a2a-send", "host", "from the named one");
        first.Host.Environment["A2A_SESSION"] = null;

        await first.Host.SayAsync("a2a-send", "host", "from the first one");
        await second.Host.SayAsync("a2a-send", "host", "from the second one");

        Assert.Contains("│ from the first one\n", await first.Joiner.SayAsync("a2a-loop", "join"));
        Assert.Contains("│ from the second one\n", await second.Joiner.SayAsync("a2a-loop", "join"));
        Assert.Contains("│ from the named one\n", await other.SayAsync("a2a-loop", "join"));
    }

    [Fact]
    public async Task A_session_is_found_from_a_folder_below()
    {
        await using var stage = await SkillStage.StartAsync();
        var (host, _) = await stage.PairAsync();
        var below = Directory.CreateDirectory(Path.Combine(host.Folder, "src/deep er")).FullName;

        var outcome = await RealProcess.RunAsync("bash", [Path.Combine(SkillAgent.Scripts, "a2a-ping.sh"), "host"], string.Empty, host.Environment, below);

        Assert.StartsWith("ROOM_ALIVE", outcome.Output);
    }

    [Fact]
    public async Task A_session_stays_with_its_hub_whatever_the_environment_says_later()
    {
        await using var stage = await SkillStage.StartAsync();
        var (host, _) = await stage.PairAsync();

        host.Environment["A2A_BASE_URL"] = "http://127.0.0.1:1";

        Assert.StartsWith("ROOM_ALIVE", await host.SayAsync("a2a-ping", "host"));
    }

    [Fact]
    public async Task Tokens_are_for_their_owner_alone()
    {
        await using var stage = await SkillStage.StartAsync();
        await stage.PairAsync();

        var tokens = Directory.EnumerateFiles(stage.Sessions, "*.token", SearchOption.AllDirectories).ToArray();

        Assert.Equal(2, tokens.Length);
        Assert.All(tokens, path => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(stage.Sessions));
    }

    [Fact]
    public async Task Arguments_of_processes_hold_no_token_and_no_message_while_it_waits()
    {
        await using var stage = await SkillStage.StartAsync();
        var (host, joiner) = await stage.PairAsync();
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "m.md"), "a word that nobody else says: xyzzy");
        await using var waiting = host.Start("a2a-loop", "host", "--file", "m.md");
        await waiting.WaitForErrorAsync("DELIVERED");
        await stage.UntilParkedAsync();

        var commands = Directory.EnumerateDirectories("/proc").Select(CommandOf).ToArray();
        var secrets = Directory.GetFiles(stage.Sessions, "*.token", SearchOption.AllDirectories).Select(path => File.ReadAllText(path).Trim()).Append("xyzzy").ToArray();

        Assert.Contains(commands, command => command.StartsWith("curl\0-K\0", StringComparison.Ordinal));
        Assert.Equal(3, secrets.Length);
        Assert.All(secrets, secret => Assert.True(secret.Length > 4));
        Assert.DoesNotContain(commands, command => Array.Exists(secrets, secret => command.Contains(secret, StringComparison.Ordinal)));
        await joiner.SayAsync("a2a-send", "join", "done");
    }

    [Fact]
    public async Task Headless_is_set_by_the_host_and_not_by_an_invited_joiner()
    {
        await using var stage = await SkillStage.StartAsync();
        var (host, joiner) = await stage.PairAsync();

        var refused = await joiner.RunAsync("a2a-set-headless", "join", "true");

        Assert.Equal("HEADLESS_SET: true", await host.SayAsync("a2a-set-headless", "host", "true"));
        Assert.Equal((1, "ERROR: Only the room creator can set room rules\n"), (refused.ExitCode, refused.Output));
    }

    [Fact]
    public async Task Nobody_leaves_an_open_room_unless_a_person_says_so()
    {
        await using var stage = await SkillStage.StartAsync();
        var (host, joiner) = await stage.PairAsync();

        var denied = await host.RunAsync("a2a-leave", "host");
        host.Environment["A2A_ALLOW_CLOSE"] = "true";

        Assert.Equal(1, denied.ExitCode);
        Assert.StartsWith("LEAVE_DENIED: ", denied.Output);
        Assert.StartsWith("ROOM_ALIVE", await joiner.SayAsync("a2a-ping", "join"));
        Assert.Equal("LEFT", await host.SayAsync("a2a-leave", "host"));
        Assert.StartsWith("LEAVE_ERROR: No token", await host.SayAsync("a2a-leave", "host"));
    }

    [Fact]
    public async Task A_closed_room_is_called_so_by_every_script_and_may_be_left()
    {
        await using var stage = await SkillStage.StartAsync();
        var (host, joiner) = await stage.PairAsync();
        host.Environment["A2A_ALLOW_CLOSE"] = "true";
        await host.SayAsync("a2a-leave", "host");

        Assert.Contains(RoomNotices.HostClosed, await joiner.SayAsync("a2a-loop", "join"));
        Assert.Contains(RoomNotices.HostClosed, await joiner.SayAsync("a2a-wait-message", "join"));
        Assert.Equal("TIMEOUT_ROOM_CLOSED", await joiner.SayAsync("a2a-wait-message", "join"));
        Assert.Equal("TIMEOUT_ROOM_CLOSED", await joiner.SayAsync("a2a-loop", "join"));
        Assert.Equal("ROOM_CLOSED", await joiner.SayAsync("a2a-ping", "join"));
        Assert.Equal("NOT_DELIVERED: Not in a room (HTTP 400)", await joiner.SayAsync("a2a-send", "join", "anyone?"));
        Assert.Equal("LEFT", await joiner.SayAsync("a2a-leave", "listen"));
    }

    [Fact]
    public async Task An_open_session_is_not_replaced_unless_a_person_says_so()
    {
        await using var stage = await SkillStage.StartAsync();
        var (host, joiner) = await stage.PairAsync();

        var refused = await host.RunAsync("a2a-host-connect");
        host.Environment["A2A_ALLOW_REPLACE_HOST_SESSION"] = "true";
        var replaced = await host.SayAsync("a2a-host-connect");

        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("ERROR: this folder has a session as host that is still open.", refused.Output);
        Assert.Contains("INVITE_CODE: ", replaced);
        Assert.Contains(RoomNotices.HostClosed, await joiner.SayAsync("a2a-loop", "join"));
        Assert.Equal("ROOM_ALIVE last_seen_ms=null", await host.SayAsync("a2a-ping", "host"));
    }

    [Theory]
    [InlineData("first", true)]
    [InlineData("newest", false)]
    public async Task An_older_rooms_scripts_are_partners(string generation, bool isTls)
    {
        await using var stage = isTls ? await SkillStage.StartTlsAsync() : await SkillStage.StartAsync();
        var host = Trusting(stage, isTls ? "pin" : "plain");
        using var joiner = new ScriptedAgent(generation, stage.Hub.Hub.LocalHttp, isTls ? CertificateOf(stage) : null);

        await joiner.SayAsync("join-connect", SkillStage.After(await host.SayAsync("a2a-host-connect"), "INVITE_CODE: "));
        await joiner.SayAsync("send", "join", "from the older one [OVER]");

        Assert.Contains("│ from the older one\n", await host.SayAsync("a2a-loop", "host"));
        Assert.Equal("DELIVERED", await host.SayAsync("a2a-send", "from the skill [STANDBY]"));
        Assert.Contains(" [STANDBY]\n│\n│ from the skill\n", await joiner.SayAsync("loop", "join"));
    }

    private static string CertificateOf(SkillStage stage) => Path.Combine(stage.Hub.DataFolder, SelfMadeCertificate.FileName);

    private static SkillAgent Trusting(SkillStage stage, string trust)
    {
        var agent = stage.Agent();
        switch (trust)
        {
            case "certificate":
                agent.Environment["A2A_BASE_URL"] = null;
                agent.Environment["A2A_SERVER"] = $"localhost:{stage.Hub.Hub.LocalHttp.Port}";
                agent.Environment["CURL_CA_BUNDLE"] = CertificateOf(stage);
                break;
            case "pin":
                agent.Environment["A2A_PINNEDPUBKEY"] = "sha256//" + Convert.ToBase64String(stage.Hub.Key.Pin!.Value.ToHash());
                break;
        }

        return agent;
    }

    private static string CommandOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
