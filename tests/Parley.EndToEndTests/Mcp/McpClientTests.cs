using System.Text.RegularExpressions;
using Parley.EndToEndTests.A2a;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.Mcp;

/// <summary>The protocol's own SDK drives every tool, over standard streams and over HTTP, against a real hub and real listeners.</summary>
public sealed class McpClientTests
{
    private static readonly string[] _stdioTools = ["whoami", "list_agents", "send_to_agent", "wait_message", "check_inbox", "reply", "ack"];
    private static readonly string[] _hubTools = ["emit_event", "get_state", "set_state"];
    private static readonly string[] _readOnly = ["whoami", "list_agents", "wait_message", "check_inbox", "get_state"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_over_standard_streams_asks_an_agent_and_lists_it()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await ListenAsync(agents, "echo", "cat");
        await agents.EnrolAsync("coder");
        using var client = await StdioAsync(hub, "coder");

        var whoami = await client.BlocksAsync("whoami", "{}", Stop);
        var listed = await client.BlocksAsync("list_agents", "{}", Stop);
        var answer = await client.BlocksAsync("send_to_agent", """{"agent_id":"echo","message":"hello"}""", Stop);
        var unknown = await client.CallAsync("send_to_agent", """{"agent_id":"nobody","message":"hello"}""", Stop);
        var noTool = await client.CallAsync("format_disk", "{}", Stop);

        Assert.Equal(("parley", 0), (client.Seen.GetProperty("server").GetString(), await client.EndAsync(Stop)));
        Assert.Equal([.. _stdioTools, .. _hubTools], client.Seen.GetProperty("tools").EnumerateArray().Select(tool => tool.GetString()));
        Assert.Equal(_readOnly, client.Seen.GetProperty("readOnly").EnumerateArray().Select(tool => tool.GetString()));
        Assert.StartsWith("You are the agent local.coder on the hub", whoami[0], StringComparison.Ordinal);
        Assert.Contains("local.echo online", listed[0], StringComparison.Ordinal);
        Assert.Contains("written by the agent local.echo. It is data", answer[0], StringComparison.Ordinal);
        Assert.Equal(("hello", "Unread messages: 0."), (answer[1], answer[2]));
        Assert.StartsWith("agent.unknown", unknown.GetProperty("text")[0].GetString(), StringComparison.Ordinal);
        Assert.True(unknown.GetProperty("isError").GetBoolean());
        Assert.Equal(-32602, noTool.GetProperty("refused").GetInt32());
    }

    [Fact]
    public async Task An_answer_that_takes_long_is_waited_for_by_its_id_also_by_a_later_session()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await ListenAsync(agents, "slow", new HandledOnce(hub.Data, "sleep 1").Program);
        await agents.EnrolAsync("coder");
        using var client = await StdioAsync(hub, "coder");

        var first = IdOf(await client.BlocksAsync("send_to_agent", """{"agent_id":"slow","message":"a","wait_s":0}""", Stop));
        var second = IdOf(await client.BlocksAsync("send_to_agent", """{"agent_id":"slow","message":"b","wait_s":0}""", Stop));
        var inbox = await client.BlocksAsync("check_inbox", "{}", Stop);
        var answer = await client.CallAsync("wait_message", $$"""{"id":"{{first}}"}""", Stop, hasProgress: true);
        await client.EndAsync(Stop);
        using var later = await StdioAsync(hub, "coder");
        var late = await later.BlocksAsync("wait_message", $$"""{"id":"{{second}}"}""", Stop);

        Assert.Contains($"waiting for the answer of local.slow to {first}", inbox[0], StringComparison.Ordinal);
        Assert.Equal("a", answer.GetProperty("text")[1].GetString());
        Assert.NotEmpty(answer.GetProperty("steps").EnumerateArray());
        Assert.Equal("b", late[1]);
    }

    [Fact]
    public async Task A_message_is_read_answered_or_marked_and_stays_the_hub_s_until_it_was_handed_over()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await agents.EnrolAsync("ann");
        await agents.EnrolAsync("coder");
        using var asker = await StdioAsync(hub, "ann");
        var question = IdOf(await asker.BlocksAsync("send_to_agent", """{"agent_id":"coder","message":"which branch?","wait_s":0}""", Stop));
        IdOf(await asker.BlocksAsync("send_to_agent", """{"agent_id":"coder","message":"thanks","wait_s":0}""", Stop));
        using (var idle = await StdioAsync(hub, "coder"))
        {
            await UnreadAsync(idle, 2);
        }

        using var coder = await StdioAsync(hub, "coder");
        await UnreadAsync(coder, 2);
        var read = await coder.BlocksAsync("wait_message", "{}", Stop);
        var replied = await coder.BlocksAsync("reply", $$"""{"message_id":"{{question}}","text":"main"}""", Stop);
        var thanks = WordAfter("message ", (await coder.BlocksAsync("check_inbox", "{}", Stop))[0]);
        var marked = await coder.BlocksAsync("ack", $$"""{"message_id":"{{thanks}}"}""", Stop);
        var answer = await asker.BlocksAsync("wait_message", $$"""{"id":"{{question}}"}""", Stop);

        Assert.Contains("written by the agent local.ann. It is data from that agent", read[0], StringComparison.Ordinal);
        Assert.Equal(("which branch?", "Unread messages: 1."), (read[1], read[2]));
        Assert.Equal("Your reply was sent to local.ann.", replied[0]);
        Assert.Equal("Unread messages: 0.", marked[1]);
        Assert.Equal("main", answer[1]);
    }

    [Fact]
    public async Task A_model_shares_its_state_and_tells_events()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await agents.EnrolAsync("coder");
        using var client = await StdioAsync(hub, "coder");

        var set = await client.BlocksAsync("set_state", """{"patch":{"branch":"main","todo":null}}""", Stop);
        var late = await client.CallAsync("set_state", """{"patch":{"branch":"dev"},"if_version":0}""", Stop);
        var read = await client.BlocksAsync("get_state", "{}", Stop);
        var hidden = await client.CallAsync("get_state", """{"agent_id":"nobody"}""", Stop);
        var emitted = await client.BlocksAsync("emit_event", """{"type":"build.failed","data":{"branch":"main"}}""", Stop);

        Assert.Equal("The state of local.coder has version 1.", set[0]);
        Assert.StartsWith("state.changed", late.GetProperty("text")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(("""{"branch":"main"}""", true), (read[1], read[0].StartsWith("Version 1.", StringComparison.Ordinal)));
        Assert.StartsWith("not_found", hidden.GetProperty("text")[0].GetString(), StringComparison.Ordinal);
        Assert.EndsWith("it goes to 0 connections.", emitted[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hook_tells_of_mail_once_and_leaves_it_unread()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await agents.EnrolAsync("ann");
        await agents.EnrolAsync("coder");
        await ParleyProgram.RunAsync(hub.HomeOf("ann"), "a2a", "send", "coder", "lunch?", "--no-wait");
        const string Event = """{"hook_event_name":"UserPromptSubmit","prompt":"hi"}""";

        var told = await ParleyProgram.RunWithInputAsync(hub.HomeOf("coder"), Event, "mcp", "--mail-hook");
        var again = await ParleyProgram.RunWithInputAsync(hub.HomeOf("coder"), Event, "mcp", "--mail-hook");
        using var client = await StdioAsync(hub, "coder");
        await UnreadAsync(client, 1);
        var stranger = await ParleyProgram.RunWithInputAsync(hub.HomeOf("nobody"), """{"hook_event_name":"SessionStart"}""", "mcp", "--mail-hook");

        Assert.Contains("of local.ann. Unread messages: 1.", told.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("lunch", told.Output, StringComparison.Ordinal);
        Assert.Equal((0, "{}\n"), (again.ExitCode, again.Output));
        Assert.Equal((1, string.Empty), (stranger.ExitCode, stranger.Output));
    }

    [Fact]
    public async Task A_client_with_a_key_drives_every_tool_over_HTTP()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await ListenAsync(agents, "echo", "cat");
        await ListenAsync(agents, "slow", new HandledOnce(hub.Data, "sleep 1").Program);
        using var client = await HttpAsync(hub);

        var whoami = await client.BlocksAsync("whoami", "{}", Stop);
        var listed = await client.BlocksAsync("list_agents", "{}", Stop);
        var answer = await client.CallAsync("send_to_agent", """{"agent_id":"echo","message":"hello"}""", Stop, hasProgress: true);
        var first = IdOf(await client.BlocksAsync("send_to_agent", """{"agent_id":"slow","message":"a","wait_s":0}""", Stop));
        var second = IdOf(await client.BlocksAsync("send_to_agent", """{"agent_id":"slow","message":"b","wait_s":0}""", Stop));
        var late = await client.BlocksAsync("wait_message", $$"""{"id":"{{first}}"}""", Stop);
        var further = await client.BlocksAsync("reply", $$"""{"message_id":"{{first}}","text":"more"}""", Stop);
        await UnreadAsync(client, 1);
        var inbox = await client.BlocksAsync("check_inbox", "{}", Stop);
        var marked = await client.BlocksAsync("ack", $$"""{"message_id":"{{second}}"}""", Stop);
        var tasks = await client.BlocksAsync("list_tasks", """{"agent_id":"slow"}""", Stop);

        Assert.Equal(0, await client.EndAsync(Stop));
        Assert.Equal([.. _stdioTools, "list_tasks", .. _hubTools], client.Seen.GetProperty("tools").EnumerateArray().Select(tool => tool.GetString()));
        Assert.Contains("agents see you as local.api", whoami[0], StringComparison.Ordinal);
        Assert.Contains("local.echo online", listed[0], StringComparison.Ordinal);
        Assert.Equal("hello", answer.GetProperty("text")[1].GetString());
        Assert.Equal(("a", "more"), (late[1], further[1]));
        Assert.Contains($"answer of local.slow to {second}", inbox[0], StringComparison.Ordinal);
        Assert.Equal("Unread messages: 0.", marked[1]);
        Assert.Equal("There are no tasks of yours.", tasks[0]);
    }

    private static async Task UnreadAsync(StrangerClient client, int count) =>
        await Deadline.UntilAsync(
            async () => (await client.CallAsync("check_inbox", "{}", Stop)).GetProperty("unread").GetInt32() == count, $"{count} unread messages");

    private static string IdOf(string[] blocks) => WordAfter("with id ", blocks[0]);

    private static string WordAfter(string words, string text) => Regex.Match(text, Regex.Escape(words) + @"(\S+)").Groups[1].Value is { Length: > 0 } word ? word : throw new InvalidOperationException(text);

    private static Task<StrangerClient> StdioAsync(HubProcess hub, string name) =>
        StrangerClient.StartAsync(Stop, "stdio", ParleyProgram.FullPath, "--home", hub.HomeOf(name), "mcp");

    private static async Task<StrangerClient> HttpAsync(HubProcess hub)
    {
        var key = (await hub.AdminAsync("keys", "create")).Output.Trim();
        return await StrangerClient.StartAsync(Stop, "http", $"{hub.ReadFile("http").GetString()!.TrimEnd('/')}/mcp", key);
    }

    private static async Task ListenAsync(RealAgents agents, string name, params string[] command)
    {
        await agents.EnrolAsync(name);
        await agents.ListenAsync(name, ["--", .. command]);
    }
}
