using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.EndToEndTests.Cli;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.EndToEndTests.A2a;

/// <summary>The main job with real processes: two homes, no inbound port, a command on one side and its output on the other.</summary>
public sealed class MainJobTests
{
    [Theory]
    [InlineData("grpc")]
    [InlineData("websocket")]
    public async Task A_command_runs_under_the_other_agents_shell_and_its_output_and_exit_code_come_back(string transport)
    {
        await using var hub = await StartAsync();
        await using var listener = await ListenAsync(hub, "--exec", "/bin/sh", "--transport", transport);

        var sent = await SendAsync(hub, "agent-b", "echo out; echo err >&2; exit 3");

        Assert.Equal("out\n", sent.Output);
        Assert.Equal("err\n", sent.Error);
        Assert.Equal(3, sent.ExitCode);
    }

    [Fact]
    public async Task Json_tells_the_reply_and_the_receipts()
    {
        await using var hub = await StartAsync();
        await using var listener = await ListenAsync(hub, "--exec", "cat");

        var sent = await SendAsync(hub, "agent-b", "hello \u001b[31m", "--json");

        using var json = JsonDocument.Parse(sent.Output);
        Assert.Equal("answered", json.RootElement.GetProperty("status").GetString());
        Assert.Equal("local.agent-b", json.RootElement.GetProperty("from").GetString());
        Assert.Equal("hello \u001b[31m", json.RootElement.GetProperty("reply").GetProperty("stdout").GetString());
        Assert.DoesNotContain('\u001b', sent.Output);
        Assert.Contains(json.RootElement.GetProperty("receipts").EnumerateArray(), receipt => receipt.GetProperty("state").GetString() == "delivered");
    }

    [Fact]
    public async Task A_message_to_an_agent_that_is_offline_is_answered_when_it_is_back()
    {
        await using var hub = await StartAsync();
        var sent = await SendAsync(hub, "agent-b", "echo late", "--no-wait", "--json");
        using var json = JsonDocument.Parse(sent.Output);
        var id = json.RootElement.GetProperty("id").GetString()!;

        await using var listener = await ListenAsync(hub, "--exec", "/bin/sh");
        var result = await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "result", id, "--follow");

        Assert.Equal("held", json.RootElement.GetProperty("status").GetString());
        Assert.Equal("late\n", result.Output);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task An_agent_without_listener_is_an_error_at_once_when_the_sender_asks_for_it()
    {
        await using var hub = await StartAsync();

        var sent = await SendAsync(hub, "agent-b", "x", "--online");

        Assert.Equal(5, sent.ExitCode);
        Assert.Contains("no listener", sent.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_saved_under_a_plain_name_and_never_over_another()
    {
        await using var hub = await StartAsync();
        await using var listener = await ListenAsync(hub);
        var file = hub.HomeOf("app.conf");
        await File.WriteAllTextAsync(file, "key = value\n");

        await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "agent-b", "--file", file);
        await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "agent-b", "--file", file);

        var saved = Directory.GetFiles(Path.Combine(hub.HomeOf("b"), "received")).Select(Path.GetFileName).Order();
        Assert.Equal(["app (1).conf", "app.conf"], saved);
        Assert.Equal("key = value\n", await File.ReadAllTextAsync(Path.Combine(hub.HomeOf("b"), "received", "app.conf")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_listener_shows_its_key_to_the_service_that_answers(bool isInFile)
    {
        await using var service = await StandInServer.StartAsync((context, _) => context.Response.WriteAsync("pong"));
        await using var hub = await StartAsync();
        var file = hub.HomeOf("service.key");
        await File.WriteAllTextAsync(file, "s3cret\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var variables = new Dictionary<string, string?> { ["PARLEY_HTTP_KEY"] = isInFile ? null : "s3cret" };
        await using var listener = ParleyProgram.StartWith(
            hub.HomeOf("b"), variables, ["a2a", "listen", "--http", service.Url.ToString(), .. isInFile ? (string[])["--http-key-file", file] : []]);
        await listener.WaitForErrorAsync("listening");

        var sent = await SendAsync(hub, "agent-b", "ping", "--type", "text");

        Assert.Equal("pong", sent.Output.Trim());
        Assert.Equal("Bearer s3cret", service.Authorizations.Single());
        Assert.DoesNotContain("s3cret", listener.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_runs_the_listener_reads_there_why_its_responder_failed()
    {
        await using var hub = await StartAsync();
        await using var listener = await ListenAsync(hub, "--openai", $"http://127.0.0.1:{LoopbackPorts.Take()}/v1", "--model", "m");

        var sent = await SendAsync(hub, "agent-b", "hello");

        await listener.WaitForErrorAsync("responder.failed: The model's server cannot be reached");
        Assert.Equal(1, sent.ExitCode);
    }

    [Fact]
    public async Task A_file_that_finds_no_room_leaves_nothing_and_takes_its_name_when_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync(1);
        await using var hub = await StartAsync();
        var folder = Path.Combine(disk.FullPath, "received");
        await using var listener = await ListenAsync(hub, "--save", folder);
        var file = hub.HomeOf("app.conf");
        await File.WriteAllTextAsync(file, new string('x', 10_000));
        disk.Fill();

        var refused = await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "agent-b", "--file", file);
        var left = Directory.GetFileSystemEntries(folder);
        disk.Free();
        var saved = await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "agent-b", "--file", file);

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Empty(left);
        Assert.Equal(0, saved.ExitCode);
        Assert.Equal([Path.Combine(folder, "app.conf")], Directory.GetFileSystemEntries(folder));
        Assert.Equal(10_000, new FileInfo(Path.Combine(folder, "app.conf")).Length);
    }

    [Fact]
    public async Task A_listener_that_stops_at_SIGTERM_ends_in_order()
    {
        await using var hub = await StartAsync();
        await using var listener = await ListenAsync(hub, "--exec", "cat");

        listener.Terminate();

        Assert.Equal(0, await listener.WaitForExitAsync());
    }

    [Fact]
    public async Task A_second_listener_takes_the_place_of_the_first_which_ends_and_says_why()
    {
        await using var hub = await StartAsync();
        await using var first = await ListenAsync(hub, "--exec", "cat");

        await using var second = await ListenAsync(hub, "--exec", "cat");

        Assert.Equal(6, await first.WaitForExitAsync());
        Assert.Contains("took this one's place", first.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_selector_sends_to_every_agent_that_fits_and_sums_up()
    {
        await using var hub = await StartAsync();
        var join = await hub.MakeJoinStringAsync();
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("c"), join, "join", "-", "--name", "agent-c", "--labels", "site=berlin");
        await using var listener = ParleyProgram.Start(hub.HomeOf("c"), "a2a", "listen", "--exec", "/bin/sh");
        await listener.WaitForErrorAsync("listening");

        var sent = await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "-l", "site=berlin", "echo here");

        Assert.Equal("local.agent-c: here\n", sent.Output);
        Assert.Contains("1 of 1", sent.Error, StringComparison.Ordinal);
        Assert.Equal(0, sent.ExitCode);
    }

    [Fact]
    public async Task A_strangers_message_waits_until_the_receivers_owner_accepts_the_sender()
    {
        await using var hub = await StartAsync();
        var join = await hub.MakeJoinStringAsync("--owner", "partner");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("p"), join, "join", "-", "--name", "build");
        await using var listener = await ListenAsync(hub, "--json");

        var sent = await ParleyProgram.RunAsync(hub.HomeOf("p"), "a2a", "send", "local.agent-b", "may I?", "--no-wait", "--json");
        var listed = await ParleyProgram.RunAsync(hub.HomeOf("b"), "contacts", "list");
        var accepted = await ParleyProgram.RunAsync(hub.HomeOf("b"), "contacts", "accept", "partner.build");
        await listener.WaitForOutputAsync("may I?");

        Assert.Contains("\"status\":\"held\"", sent.Output, StringComparison.Ordinal);
        Assert.Contains("partner.build", listed.Output, StringComparison.Ordinal);
        Assert.Equal(0, accepted.ExitCode);
    }

    [Theory]
    [InlineData(3, """{"type":"status","state":"rejected","text":"not my work"}""")]
    [InlineData(3, """{"type":"status","state":"auth-required","text":"who are you?"}""")]
    [InlineData(255, """{"type":"done","exit_code":256}""")]
    [InlineData(255, """{"type":"done","exit_code":-1}""")]
    [InlineData(7, """{"type":"done","exit_code":7}""")]
    [InlineData(0, """{"type":"status","state":"input-required","text":"which one?"}""")]
    public async Task What_an_events_responder_ends_with_is_the_senders_exit_code(int exitCode, string line)
    {
        await using var hub = await StartAsync();
        await using var listener = await ListenAsync(hub, "--protocol", "events", "--exec", $"printf '%s\\n' '{line}'");

        var sent = await SendAsync(hub, "agent-b", "go");

        Assert.Equal(exitCode, sent.ExitCode);
    }

    [Theory]
    [InlineData(2, "a2a", "send")]
    [InlineData(2, "a2a", "send", "agent-b", "x", "--timeout", "soon")]
    [InlineData(2, "a2a", "send", "agent-b", "x", "--timeout", "60d")]
    [InlineData(2, "a2a", "send", "agent-b", "x", "--timeout", "0s")]
    [InlineData(2, "a2a", "listen", "--exec", "cat", "--exec-timeout", "60d")]
    [InlineData(2, "a2a", "chat", "agent-b", "--timeout", "60d")]
    [InlineData(2, "p2p", "send", "/etc/hostname", "agent-b", "--timeout", "60d")]
    [InlineData(2, "p2p", "doctor", "agent-b", "--timeout", "60d")]
    [InlineData(2, "a2a", "send", "agent-b", "x", "--type", "song")]
    [InlineData(4, "a2a", "send", "nobody", "x")]
    [InlineData(4, "a2a", "send", "../../etc", "x")]
    [InlineData(4, "a2a", "receipts", "never-sent")]
    [InlineData(2, "a2a", "listen", "--exec", "cat", "--http", "http://127.0.0.1:1")]
    [InlineData(2, "a2a", "listen", "--exec", "unclosed \"quote")]
    public async Task Wrong_input_is_one_clear_error(int exitCode, params string[] arguments)
    {
        await using var hub = await StartAsync();

        var outcome = await ParleyProgram.RunAsync(hub.HomeOf("a"), arguments);

        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.StartsWith("parley: ", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
    }

    private static async Task<HubProcess> StartAsync()
    {
        var hub = await HubProcess.StartAsync();
        var join = await hub.MakeJoinStringAsync("--uses", "many");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), join, "join", "-", "--name", "agent-a");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("b"), join, "join", "-", "--name", "agent-b");
        return hub;
    }

    private static async Task<RealProcess> ListenAsync(HubProcess hub, params string[] options)
    {
        var listener = ParleyProgram.Start(hub.HomeOf("b"), ["a2a", "listen", .. options]);
        await listener.WaitForErrorAsync("listening");
        return listener;
    }

    private static Task<ProcessOutcome> SendAsync(HubProcess hub, string target, string message, params string[] options) =>
        ParleyProgram.RunAsync(hub.HomeOf("a"), ["a2a", "send", target, message, .. options]);
}
