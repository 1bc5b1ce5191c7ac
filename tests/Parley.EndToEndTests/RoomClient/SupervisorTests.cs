using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.RoomClient;

/// <summary><c>parley supervise</c> with bash scripts as runners and real hubs.</summary>
public sealed class SupervisorTests
{
    private const string Counting =
        """
        n=$(( $(cat "$A2A_SUPERVISOR_SESSION_DIR/count" 2>/dev/null || echo 0) + 1 ))
        echo $n > "$A2A_SUPERVISOR_SESSION_DIR/count"
        cp /dev/stdin "$A2A_SUPERVISOR_SESSION_DIR/stdin-$n"
        [ $n -ge 5 ] && { echo "$A2A_SUPERVISOR_AGENT_LABEL says $n. Done. [STANDBY]"; exit; }
        echo "$A2A_SUPERVISOR_AGENT_LABEL says $n, it was asked: $(cat "$A2A_SUPERVISOR_MESSAGE_FILE")"
        """;

    [Fact]
    public async Task Host_and_listener_talk_five_rounds_and_then_stand_by_until_a_person_speaks()
    {
        await using var site = await RoomSite.StartAsync();
        var listener = site.Supervise("bob", Counting, "--mode", "listen");
        var code = await RoomSite.CodeAsync(listener, "LISTENER_CODE");
        var host = site.Supervise("alice", Counting, "--mode", "host", "--goal", "count to five", "--listener-code", code);

        await host.WaitForErrorAsync("│ bob says 5. Done.");

        Assert.Contains("│ Hello from alice. Please help with this task: count to five\n", listener.Error);
        Assert.Equal("waiting_for_partner_reply", await StatusAsync(site, "alice"));
        Assert.Equal("5\n", await File.ReadAllTextAsync(Path.Combine(site.SessionOf("bob"), "count"), TestContext.Current.CancellationToken));
        Assert.Equal("4\n", await File.ReadAllTextAsync(Path.Combine(site.SessionOf("alice"), "count"), TestContext.Current.CancellationToken));
        Assert.False(host.HasExited || listener.HasExited);

        var said = await site.RoomAsync("bob", "say", "--human", "once more [OVER]", "--session", site.SessionOf("bob"));
        await host.WaitForErrorAsync("INBOUND HUMAN");
        await listener.WaitForErrorAsync("│ alice says 5. Done.");
        await site.RoomAsync("bob", "say", "--human", "that was all [STANDBY]", "--session", site.SessionOf("bob"));
        await host.WaitForErrorAsync("Both agents have signaled STANDBY");
        await listener.WaitForErrorAsync("PAUSED");

        Assert.Equal("DELIVERED\n", said.Output);
        Assert.Equal("5\n", await File.ReadAllTextAsync(Path.Combine(site.SessionOf("alice"), "count"), TestContext.Current.CancellationToken));
        Assert.False(host.HasExited || listener.HasExited);
    }

    [Fact]
    public async Task The_folder_has_what_the_contract_names_for_its_owner_alone()
    {
        await using var site = await RoomSite.StartAsync();
        var (host, listener) = await PairAsync(site, "env | grep ^A2A_SUPERVISOR_ > \"$A2A_SUPERVISOR_SESSION_DIR/env\"; printf ' from the file \\n' > \"$A2A_SUPERVISOR_RESPONSE_FILE\"; echo from stdout");

        await host.WaitForErrorAsync("│ from the file");
        var session = site.SessionOf("bob");

        Assert.Contains("INBOUND", host.Error);
        foreach (var name in new[] { "session.json", "transcript.log", "runner-prompt.txt", "incoming-message.txt", "token" })
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(session, name)));
        }

        Assert.Matches("/a2a_[0-9]{13}_[0-9a-f]{8}$", session);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(session));
        var variables = await File.ReadAllTextAsync(Path.Combine(session, "env"), TestContext.Current.CancellationToken);
        foreach (var variable in new[] { $"SESSION_DIR={session}", $"PROMPT_FILE={session}/runner-prompt.txt", $"MESSAGE_FILE={session}/incoming-message.txt", $"RESPONSE_FILE={session}/runner-response.txt", "WORKDIR=/", "AGENT_LABEL=bob", "ROLE=joiner", "GOAL=" })
        {
            Assert.Contains("A2A_SUPERVISOR_" + variable, variables);
        }

        var token = await File.ReadAllTextAsync(Path.Combine(session, "token"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain(token, variables + host.Error + host.Output + listener.Error + listener.Output);
        Assert.DoesNotContain(token, await File.ReadAllTextAsync(Path.Combine(session, "transcript.log"), TestContext.Current.CancellationToken));
        Assert.Contains("│ from the file [OVER]\n", await File.ReadAllTextAsync(Path.Combine(session, "transcript.log"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_host_that_closes_ends_the_listener_well()
    {
        await using var site = await RoomSite.StartAsync();
        var (host, listener) = await PairAsync(site, "echo hi");
        await host.WaitForErrorAsync("│ hi");

        host.Terminate();

        Assert.Equal(130, await host.WaitForExitAsync());
        Assert.Equal(0, await listener.WaitForExitAsync());
        Assert.Contains("SESSION_DIR: " + site.SessionOf("bob"), listener.Output);
        Assert.Equal("closed", site.FactsOf("bob").GetProperty("status").GetString());
        Assert.False(File.Exists(Path.Combine(site.SessionOf("bob"), "token")));
    }

    [Theory]
    [InlineData("exit 3", "exit code 3")]
    [InlineData("true", "no answer")]
    public async Task A_runner_that_fails_leaves_the_room_and_the_partner_is_told(string script, string reason)
    {
        await using var site = await RoomSite.StartAsync();
        var (host, listener) = await PairAsync(site, script);

        Assert.Equal(1, await listener.WaitForExitAsync());
        await host.WaitForErrorAsync("has left the room");

        Assert.Equal(0, await host.WaitForExitAsync());
        Assert.Contains(reason, listener.Error);
        Assert.Contains("│ My runner failed, so I leave the room.", host.Error);
        Assert.Equal("error", site.FactsOf("bob").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_stop_ends_the_runners_whole_tree()
    {
        await using var site = await RoomSite.StartAsync();
        var (_, listener) = await PairAsync(site, "setsid sleep 300 & sleep 300 & echo $! > \"$A2A_SUPERVISOR_SESSION_DIR/pids\"; echo $$ >> \"$A2A_SUPERVISOR_SESSION_DIR/pids\"; wait");
        var pids = Path.Combine(site.SessionOf("bob"), "pids");
        await Deadline.UntilAsync(() => File.Exists(pids) && File.ReadAllLines(pids).Length == 2, "the runner's children");

        listener.Interrupt();

        Assert.Equal(130, await listener.WaitForExitAsync());
        Assert.All(File.ReadAllLines(pids), pid => Assert.False(Directory.Exists("/proc/" + pid)));
    }

    [Fact]
    public async Task A_partner_that_closes_stops_the_runner_that_works_for_it()
    {
        await using var site = await RoomSite.StartAsync();
        var (host, listener) = await PairAsync(site, "touch \"$A2A_SUPERVISOR_SESSION_DIR/begun\"; sleep 300; echo late");
        await Deadline.UntilAsync(() => File.Exists(Path.Combine(site.SessionOf("bob"), "begun")), "the runner");

        host.Interrupt();

        Assert.Equal(0, await listener.WaitForExitAsync());
        Assert.DoesNotContain("late", listener.Error);
    }

    [Fact]
    public async Task A_slow_runner_answers_late_and_one_that_is_too_slow_is_stopped()
    {
        await using var site = await RoomSite.StartAsync();
        var (host, listener) = await PairAsync(site, "[ -e \"$A2A_SUPERVISOR_SESSION_DIR/again\" ] && sleep 300; touch \"$A2A_SUPERVISOR_SESSION_DIR/again\"; sleep 1; echo slow", "--runner-timeout", "12s");

        await host.WaitForErrorAsync("│ slow");

        Assert.Equal(1, await listener.WaitForExitAsync());
        Assert.Contains("longer than --runner-timeout", listener.Error);
    }

    [Fact]
    public async Task An_answer_of_more_than_a_mebibyte_is_cut_and_arrives()
    {
        await using var site = await RoomSite.StartAsync();
        var (host, _) = await PairAsync(site, "head -c 1048576 /dev/zero | tr '\\0' x");

        await host.WaitForErrorAsync("[cut: the answer was longer than a message may be]");

        await Deadline.UntilAsync(() => File.Exists(Path.Combine(site.SessionOf("alice"), "incoming-message.txt")), "the message");
        Assert.InRange(new FileInfo(Path.Combine(site.SessionOf("alice"), "incoming-message.txt")).Length, 1024 * 1024 - 16, 1024 * 1024);
    }

    [Fact]
    public async Task After_a_killed_hub_host_and_listener_take_new_rooms_and_a_joiner_ends()
    {
        await using var site = await RoomSite.StartAsync();
        var listener = site.Supervise("bob", "echo hi from bob", "--mode", "listen");
        await RoomSite.CodeAsync(listener, "LISTENER_CODE");
        var host = site.Supervise("alice", "echo 'fine [STANDBY]'", "--mode", "host", "--goal", "g", "--headless", "false");
        var joiner = site.Supervise("carol", "echo hi", "--mode", "join", "--invite-code", await RoomSite.CodeAsync(host, "INVITE_CODE"));
        await host.WaitForErrorAsync("│ hi");

        site.Hub.Process.Kill();
        await listener.WaitForErrorAsync("HUB_AWAY");
        await site.Hub.RestartAsync();
        await listener.WaitForErrorAsync("ROOM_LOST");
        Assert.Equal(4, await joiner.WaitForExitAsync());
        await Deadline.UntilAsync(() => Codes(listener) == 2, "a second code");
        var code = listener.Output.Split('\n').Last(line => line.StartsWith("LISTENER_CODE: ", StringComparison.Ordinal))["LISTENER_CODE: ".Length..];

        var caller = site.Supervise("dave", "echo 'thanks [STANDBY]'", "--mode", "host", "--goal", "again", "--listener-code", code);

        await caller.WaitForErrorAsync("│ hi from bob");
        Assert.False(host.HasExited || listener.HasExited);
    }

    [Fact]
    public async Task A_draining_hub_lets_the_session_go_on()
    {
        await using var site = await RoomSite.StartAsync();
        var (host, _) = await PairAsync(site, Counting);
        await host.WaitForErrorAsync("│ bob says 1");
        using var client = new HttpClient { BaseAddress = new Uri(site.Address) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", (await File.ReadAllTextAsync(Path.Combine(site.Hub.Data, "admin.key"), TestContext.Current.CancellationToken)).Trim());

        (await client.PostAsync("/admin/drain", null, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();

        Assert.Equal(5, (await site.RoomAsync("c", "create")).ExitCode);
        await host.WaitForErrorAsync("│ bob says 2");
    }

    [Fact]
    public async Task The_status_tells_living_sessions_from_interrupted_ones()
    {
        await using var site = await RoomSite.StartAsync();
        var listener = site.Supervise("bob", "echo hi", "--mode", "listen");
        await RoomSite.CodeAsync(listener, "LISTENER_CODE");
        Assert.Equal("waiting_for_host", await StatusAsync(site, "bob"));

        listener.Kill();
        await listener.WaitForExitAsync();

        Assert.Equal("interrupted", await StatusAsync(site, "bob"));
    }

    [Fact]
    public async Task A_preset_is_run_without_bypass_and_takes_its_conversation_up_again()
    {
        await using var site = await RoomSite.StartAsync();
        Directory.CreateDirectory(site.PathOf("bin"));
        var program = site.PathOf("bin/claude");
        await File.WriteAllTextAsync(
            program,
            """
            #!/bin/bash
            echo "$@" >> "$A2A_SUPERVISOR_SESSION_DIR/calls"
            n=$(wc -l < "$A2A_SUPERVISOR_SESSION_DIR/calls")
            [ -n "$CLAUDECODE" ] && exit 9
            cat > /dev/null
            echo "{\"type\":\"result\",\"is_error\":false,\"result\":\"answer $n\",\"session_id\":\"conv-1\"}"
            """,
            TestContext.Current.CancellationToken);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var variables = site.Variables();
        variables["PATH"] = site.PathOf("bin") + ":" + Environment.GetEnvironmentVariable("PATH");
        variables["CLAUDECODE"] = "1";
        var listener = site.Track(ParleyProgram.StartWith(site.PathOf("bob"), variables, "supervise", "--mode", "listen", "--session-root", site.RootOf("bob"), "--runner-kind", "claude"));
        await site.RoomAsync("a", "join", await RoomSite.CodeAsync(listener, "LISTENER_CODE"));

        await site.RoomAsync("a", "send", "one [OVER]");
        var first = await site.RoomAsync("a", "loop");
        await site.RoomAsync("a", "send", "two [OVER]");
        var second = await site.RoomAsync("a", "loop");

        Assert.Contains("│ answer 1\n", first.Output);
        Assert.Contains("│ answer 2\n", second.Output);
        var calls = await File.ReadAllLinesAsync(Path.Combine(site.SessionOf("bob"), "calls"), TestContext.Current.CancellationToken);
        Assert.Matches("^-p --output-format json --session-id=[0-9a-f-]{36}$", calls[0]);
        Assert.Equal("-p --output-format json --resume=conv-1", calls[1]);
    }

    [Fact]
    public async Task A_signal_that_comes_twice_at_once_is_one_stop()
    {
        await using var site = await RoomSite.StartAsync();
        var (host, listener) = await PairAsync(site, "echo $$ > \"$A2A_SUPERVISOR_SESSION_DIR/pid\"; sleep 300");
        var pid = Path.Combine(site.SessionOf("bob"), "pid");
        await Deadline.UntilAsync(() => File.Exists(pid) && File.ReadAllText(pid).Length > 0, "the runner");

        await RealProcess.RunAsync("sh", ["-c", $"kill -TERM {listener.Id}; kill -TERM {listener.Id}"]);

        Assert.Equal(130, await listener.WaitForExitAsync());
        Assert.False(Directory.Exists("/proc/" + (await File.ReadAllTextAsync(pid, TestContext.Current.CancellationToken)).Trim()));
        Assert.Equal(0, await host.WaitForExitAsync());
    }

    private static int Codes(RealProcess listener) => listener.Output.Split('\n').Count(line => line.StartsWith("LISTENER_CODE: ", StringComparison.Ordinal));

    private static async Task<string?> StatusAsync(RoomSite site, string machine)
    {
        var outcome = await ParleyProgram.RunAsync(site.PathOf(machine), "supervise", "--status", "--json", "--session-root", site.RootOf(machine));
        using var json = System.Text.Json.JsonDocument.Parse(outcome.Output);
        return Assert.Single(json.RootElement.EnumerateArray()).GetProperty("status").GetString();
    }

    // Bob listens with the script under test; alice calls and says [STANDBY] to whatever comes.
    private static async Task<(RealProcess Host, RealProcess Listener)> PairAsync(RoomSite site, string script, params string[] options)
    {
        var listener = site.Supervise("bob", script, ["--mode", "listen", .. options]);
        var code = await RoomSite.CodeAsync(listener, "LISTENER_CODE");
        var host = site.Supervise("alice", "n=$(cat \"$A2A_SUPERVISOR_SESSION_DIR/n\" 2>/dev/null); echo x >> \"$A2A_SUPERVISOR_SESSION_DIR/n\"; [ -z \"$n\" ] && echo 'go on [OVER]' || echo 'ok [STANDBY]'", "--mode", "host", "--goal", "g", "--listener-code", code);
        return (host, listener);
    }
}
