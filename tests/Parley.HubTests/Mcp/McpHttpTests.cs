using System.Net;
using System.Text;
using System.Text.Json;
using Parley.Gateway.Mcp;
using Parley.Hub;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.AgentApi.Mcp;
using Parley.Hub.Identity;
using Parley.Hub.Identity.Keys;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.HubTests.Mcp;

/// <summary>What the door <c>/mcp</c> lets in, by plain requests.</summary>
public sealed class McpHttpTests
{
    private const string Initialize = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";
    private const string Ping = """{"jsonrpc":"2.0","id":2,"method":"ping"}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("http://127.0.0.1:1", HttpStatusCode.Forbidden)]
    [InlineData("https://chat.example.org", HttpStatusCode.OK)]
    [InlineData("own", HttpStatusCode.OK)]
    [InlineData("", HttpStatusCode.OK)]
    public async Task A_page_of_another_origin_is_refused_though_it_has_a_key(string origin, HttpStatusCode expected)
    {
        await using var hub = await ApiHub.StartAsync(options => options.CorsOrigins = ["https://chat.example.org"]);
        var headers = origin.Length == 0 ? [] : new[] { ("Origin", origin == "own" ? hub.Hub.LocalHttp.GetLeftPart(UriPartial.Authority) : origin) };

        using var response = await PostAsync(hub.Admin, Initialize, headers);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task A_session_is_its_keys_alone_and_ends_when_it_is_ended()
    {
        await using var hub = await ApiHub.StartAsync();
        var (mine, others) = (await ClientAsync(hub), await ClientAsync(hub));
        var session = await BeginAsync(mine);

        using var foreign = await PostAsync(others, Ping, ("Mcp-Session-Id", session));
        using var foreignEnd = await EndAsync(others, session);
        using var invented = await PostAsync(mine, Ping, ("Mcp-Session-Id", "mcp_0000"));
        using var none = await PostAsync(mine, Ping);
        using var own = await PostAsync(mine, Ping, ("Mcp-Session-Id", session));
        using var ended = await EndAsync(mine, session);
        using var after = await PostAsync(mine, Ping, ("Mcp-Session-Id", session));

        Assert.Equal(
            [HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.BadRequest, HttpStatusCode.OK, HttpStatusCode.NoContent, HttpStatusCode.NotFound],
            new[] { foreign, foreignEnd, invented, none, own, ended, after }.Select(response => response.StatusCode));
        Assert.Equal(await foreign.Content.ReadAsStringAsync(Stop), await invented.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task A_session_that_is_idle_for_too_long_is_gone()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var hub = await ApiHub.StartAsync(options => options.Mcp.Idle = TimeSpan.FromMinutes(5), time);
        var session = await BeginAsync(hub.Admin);

        time.Advance(TimeSpan.FromMinutes(4));
        using var before = await PostAsync(hub.Admin, Ping, ("Mcp-Session-Id", session));
        time.Advance(TimeSpan.FromMinutes(6));
        using var after = await PostAsync(hub.Admin, Ping, ("Mcp-Session-Id", session));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (before.StatusCode, after.StatusCode));
    }

    [Fact]
    public async Task A_key_has_so_many_sessions_and_the_one_that_is_idle_longest_goes_for_a_new_one()
    {
        await using var hub = await ApiHub.StartAsync(options => options.Mcp.MaxSessions = 2);
        var (client, other) = (await ClientAsync(hub), await ClientAsync(hub));
        var sessions = new[] { await BeginAsync(client), await BeginAsync(client), await BeginAsync(other), await BeginAsync(client) };

        var statuses = new List<HttpStatusCode>();
        foreach (var (session, whose) in sessions.Zip([client, client, other, client]))
        {
            using var response = await PostAsync(whose, Ping, ("Mcp-Session-Id", session));
            statuses.Add(response.StatusCode);
        }

        Assert.Equal([HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK], statuses);
    }

    [Fact]
    public async Task When_all_sessions_of_a_key_work_a_new_one_waits()
    {
        await using var hub = await ApiHub.StartAsync(options => options.Mcp.MaxSessions = 1);
        (await hub.JoinAsync("away")).Dispose();
        var session = await BeginAsync(hub.Admin);
        var busy = CallAsync(hub.Admin, session, "send_to_agent", """{"agent_id":"local.away","message":"hi","wait_s":30}""");
        await Deadline.UntilAsync(async () => (await RowsAsync(hub)) > 0, "the message waits");

        using var refused = await PostAsync(hub.Admin, Initialize);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.False(busy.IsCompleted);
    }

    [Fact]
    public async Task A_session_has_so_many_messages_that_wait_for_answers()
    {
        await using var hub = await ApiHub.StartAsync(options => options.Mcp.MaxPending = 2);
        (await hub.JoinAsync("away")).Dispose();
        var session = await BeginAsync(hub.Admin);
        const string Message = """{"agent_id":"local.away","message":"hi","wait_s":0}""";

        var results = new List<JsonElement>();
        for (var number = 0; number < 3; number++)
        {
            results.Add(await CallAsync(hub.Admin, session, "send_to_agent", Message));
        }

        Assert.Equal([false, false, true], results.Select(result => result.TryGetProperty("isError", out var isError) && isError.GetBoolean()));
    }

    [Fact]
    public async Task What_a_session_left_behind_is_let_go_though_no_other_session_begins()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var hub = await ApiHub.StartAsync(options => options.Mcp.Idle = TimeSpan.FromMinutes(5), time);
        (await hub.JoinAsync("away")).Dispose();
        var session = await BeginAsync(hub.Admin);
        await CallAsync(hub.Admin, session, "send_to_agent", """{"agent_id":"local.away","message":"hi","wait_s":0}""");
        var before = hub.Get<AgentCaller>().Count;

        time.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal((1, 0), (before, hub.Get<AgentCaller>().Count));
    }

    [Fact]
    public async Task A_session_that_has_ended_sends_nothing_any_more()
    {
        await using var hub = await ApiHub.StartAsync();
        (await hub.JoinAsync("bob")).Dispose();
        var sessions = hub.Get<McpSessions>();
        var session = sessions.Begin(Principal.Admin);
        sessions.End(session);
        var arguments = new ToolArguments(JsonElement.Parse("""{"agent_id":"local.bob","message":"hi","wait_s":0}"""));

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => session.Tools.CallAsync("send_to_agent", arguments, _ => { }, Stop));

        Assert.Equal((ErrorCode.NotFound, 0), (refusal.Code, hub.Get<AgentCaller>().Count));
    }

    [Theory]
    [InlineData("2025-11-25", HttpStatusCode.OK)]
    [InlineData("2030-01-01", HttpStatusCode.BadRequest)]
    public async Task A_version_that_is_not_spoken_is_refused(string version, HttpStatusCode expected)
    {
        await using var hub = await ApiHub.StartAsync();
        var session = await BeginAsync(hub.Admin);

        using var response = await PostAsync(hub.Admin, Ping, ("Mcp-Session-Id", session), ("MCP-Protocol-Version", version));

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task The_functions_at_v1_tools_are_the_tools_of_a_session_with_the_same_schemas()
    {
        await using var hub = await ApiHub.StartAsync();
        var session = await BeginAsync(hub.Admin);

        using var answer = await PostAsync(hub.Admin, """{"jsonrpc":"2.0","id":3,"method":"tools/list"}""", ("Mcp-Session-Id", session));
        using var guest = await hub.Guest.GetAsync("/v1/tools", Stop);
        var functions = JsonElement.Parse(await hub.Admin.GetStringAsync("/v1/tools", Stop)).GetProperty("data").EnumerateArray().ToList();

        var tools = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Stop)).GetProperty("result").GetProperty("tools").EnumerateArray().ToList();
        Assert.All(functions, function => Assert.Equal("function", function.GetProperty("type").GetString()));
        Assert.Equal(
            tools.Select(tool => (tool.GetProperty("name").GetString(), tool.GetProperty("inputSchema").GetRawText())),
            functions.Select(function => function.GetProperty("function")).Select(function => (function.GetProperty("name").GetString(), function.GetProperty("parameters").GetRawText())));
        Assert.Equal(HttpStatusCode.Unauthorized, guest.StatusCode);
    }

    [Fact]
    public async Task There_is_no_stream_to_open()
    {
        await using var hub = await ApiHub.StartAsync();

        using var response = await hub.Admin.GetAsync("/mcp", Stop);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    private static async Task<HttpClient> ClientAsync(ApiHub hub) =>
        hub.ClientWith((await hub.Get<ApiKeys>().CreateAsync("local", ApiScopes.Messages | ApiScopes.AgentsRead, null, "test", Stop)).Secret);

    private static async Task<string> BeginAsync(HttpClient client)
    {
        using var response = await PostAsync(client, Initialize);
        response.EnsureSuccessStatusCode();
        return response.Headers.GetValues("Mcp-Session-Id").Single();
    }

    private static async Task<JsonElement> CallAsync(HttpClient client, string session, string tool, string arguments)
    {
        using var response = await PostAsync(
            client, $$$"""{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}}}""", ("Mcp-Session-Id", session));
        return JsonElement.Parse(await response.Content.ReadAsStringAsync(Stop)).GetProperty("result");
    }

    private static async Task<int> RowsAsync(ApiHub hub) =>
        JsonElement.Parse(await hub.Admin.GetStringAsync("/api/messages", Stop)).GetProperty("data").GetArrayLength();

    private static async Task<HttpResponseMessage> EndAsync(HttpClient client, string session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/mcp");
        request.Headers.Add("Mcp-Session-Id", session);
        return await client.SendAsync(request, Stop);
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string json, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, Stop);
    }
}
