using System.Net;
using System.Text;
using System.Text.Json;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Protocol.Identity;
using Parley.Testing;
using Parley.Testing.Connections;

namespace Parley.HubTests.Connections;

public sealed class SharedStateTests : IAsyncLifetime
{
    private ConnectionStage _stage = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _stage = await ConnectionStage.StartAsync(options => options.Connections.MaxStateBytes = 1024);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task A_state_has_versions_and_is_changed_by_merge_patches()
    {
        var none = await _stage.DataAsync("GET", "/api/state/agent-a");
        await PatchAsync("""{"contacts":{"jo":1,"al":2},"agent":"mine"}""");
        await PatchAsync("""{"contacts":{"jo":null}}""");
        var same = await PatchAsync("""{"contacts":{"jo":null}}""");
        var whole = await _stage.DataAsync("PUT", "/api/state/agent-a", """{"config":{"theme":"dark","gone":null}}""");

        Assert.Equal((0, "{}"), (Version(none), Data(none)));
        Assert.Equal((2, """{"contacts":{"al":2},"agent":"mine"}"""), (Version(same), Data(same)));
        Assert.Equal((3, """{"config":{"theme":"dark"}}"""), (Version(whole), Data(whole)));
    }

    [Fact]
    public async Task A_writer_that_names_another_version_is_refused()
    {
        using var first = await SendAsync("PATCH", """{"n":1}""", "\"0\"");
        using var late = await SendAsync("PATCH", """{"n":2}""", "\"0\"");
        using var next = await SendAsync("PUT", """{"n":3}""", "\"1\"");

        Assert.Equal(("\"1\"", HttpStatusCode.PreconditionFailed, "\"2\""), (first.Headers.ETag?.Tag, late.StatusCode, next.Headers.ETag?.Tag));
    }

    [Fact]
    public async Task Writers_at_the_same_time_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(number => PatchAsync($$"""{"n{{number}}":{{number}}}""")));

        var state = await _stage.DataAsync("GET", "/api/state/agent-a");
        Assert.Equal((20, 20), (Version(state), state.GetProperty("data").EnumerateObject().Count()));
    }

    [Theory]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("nothing", HttpStatusCode.BadRequest)]
    [InlineData("""{"a":1,"a":2}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"a":"\ud800"}""", HttpStatusCode.BadRequest)]
    [InlineData("LONG", HttpStatusCode.RequestEntityTooLarge)]
    public async Task What_is_no_state_is_refused(string body, HttpStatusCode expected)
    {
        using var response = await SendAsync("PUT", body == "LONG" ? $$"""{"a":"{{new string('x', 1024)}}"}""" : body);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task A_connection_from_all_agents_shows_no_private_ones_state()
    {
        await _stage.DataAsync("PATCH", "/api/agents/agent-a", """{"visibility":"private"}""");
        await _stage.DataAsync("POST", "/api/agent-connections", """{"source_agent_id":"local.*","target_agent_id":"agent-b","events":["state.update"],"config":{"fields":["contacts"]}}""");
        var reader = Principal.Of(new AgentAddress("local", "agent-b"));

        await PatchAsync("""{"contacts":{"jo":1}}""");
        var refused = await Assert.ThrowsAsync<Parley.Protocol.Errors.ParleyException>(() => _stage.Hub.Get<Operations>().InvokeAsync(reader, "state.get", Encoding.UTF8.GetBytes("""{"agent":"agent-a"}"""), "test", Stop));
        var listed = await _stage.Hub.Get<Operations>().InvokeAsync(reader, "state.list", Encoding.UTF8.GetBytes("{}"), "test", Stop);

        Assert.Equal(Parley.Protocol.Errors.ErrorCode.NotFound, refused.Code);
        Assert.DoesNotContain("agent-a", Encoding.UTF8.GetString(listed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_of_somebody_else_looks_like_none()
    {
        await PatchAsync("""{"n":1}""");
        (await _stage.Hub.JoinAsync("spy", "other")).Dispose();
        using var stranger = await KeyAsync("other", "state");
        using var mine = await KeyAsync("local", "state");
        using var unscoped = await KeyAsync("local", "messages");

        var seen = await _stage.CallAsync("GET", "/api/state/local.agent-a", client: stranger);
        var missing = await _stage.CallAsync("GET", "/api/state/local.nobody", client: stranger);
        var written = await _stage.CallAsync("PATCH", "/api/state/local.agent-a", """{"n":2}""", stranger);
        var listed = await _stage.CallAsync("GET", "/api/state", client: stranger);
        var owned = await _stage.CallAsync("GET", "/api/state/agent-a", client: mine);
        var (forbidden, _) = await _stage.CallAsync("GET", "/api/state/agent-a", client: unscoped);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (seen.Status, written.Status));
        Assert.Equal(missing.Json.GetRawText(), seen.Json.GetRawText());
        Assert.Equal(missing.Json.GetRawText(), written.Json.GetRawText());
        Assert.Equal(0, listed.Json.GetProperty("data").GetArrayLength());
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden), (owned.Status, forbidden));
    }

    [Theory]
    [InlineData("""{"value":{"a":"\ud800"}}""")]
    [InlineData("""{"value":{"\udfff":1}}""")]
    [InlineData("""{"value":{"a":1,"a":1}}""")]
    [InlineData("""{"value":5}""")]
    [InlineData("""{}""")]
    public async Task An_agent_hears_over_its_link_too_that_something_is_no_state(string arguments)
    {
        var refusal = await Assert.ThrowsAsync<Parley.Protocol.Errors.ParleyException>(() => AsAgentAsync(new AgentAddress("local", "agent-a"), "state.set", arguments));

        Assert.Equal(Parley.Protocol.Errors.ErrorCode.InvalidArgument, refusal.Code);
    }

    [Fact]
    public async Task Another_agent_of_the_owner_sees_nothing_without_a_connection()
    {
        await PatchAsync("""{"n":1}""");

        var refusal = await Assert.ThrowsAsync<Parley.Protocol.Errors.ParleyException>(() => AsAgentAsync(new AgentAddress("local", "agent-b"), "state.get", """{"agent":"agent-a"}"""));

        Assert.Equal(Parley.Protocol.Errors.ErrorCode.NotFound, refusal.Code);
    }

    [Fact]
    public async Task A_key_does_not_see_the_state_of_a_private_agent()
    {
        await PatchAsync("""{"n":1}""");
        await _stage.DataAsync("PATCH", "/api/agents/agent-a", """{"visibility":"private"}""");
        using var mine = await KeyAsync("local", "state");

        var (status, _) = await _stage.CallAsync("GET", "/api/state/agent-a", client: mine);

        Assert.Equal(HttpStatusCode.NotFound, status);
    }

    [Fact]
    public async Task A_target_gets_a_snapshot_and_then_patches_of_the_named_fields_alone()
    {
        await PatchAsync("""{"contacts":{"jo":1},"private":"x"}""");
        var connection = await ShareAsync();
        await _stage.UntilAsync(connection, "delivered", 1);
        await PatchAsync("""{"private":"y"}""");
        await PatchAsync("""{"contacts":{"al":2},"private":"z"}""");
        await _stage.UntilAsync(connection, "delivered", 2);

        var told = _stage.Receiver.Got.Select(webhook => webhook.Json).ToList();
        Assert.Equal(2, told.Count);
        Assert.All(told, webhook => Assert.Equal(("state.update", "local.agent-a"), (webhook.GetProperty("type").GetString(), webhook.GetProperty("source").GetString())));
        Assert.Equal("""{"version":1,"fields":["contacts","config"],"snapshot":{"contacts":{"jo":1}}}""", told[0].GetProperty("data").GetRawText());
        Assert.Equal("""{"version":3,"fields":["contacts","config"],"base":1,"patch":{"contacts":{"al":2}}}""", told[1].GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task After_a_gap_comes_a_snapshot()
    {
        _stage.Hub.Log.Allow("dead letter");
        _stage.Hub.Log.Allow("is disabled");
        await PatchAsync("""{"contacts":{"n":1}}""");
        var connection = await ShareAsync();
        await _stage.UntilAsync(connection, "delivered", 1);
        _stage.Receiver.Next(410);
        await PatchAsync("""{"contacts":{"n":2}}""");
        await _stage.UntilAsync(connection, "dead", 1);
        await Deadline.UntilAsync(async () => (await _stage.DataAsync("GET", $"/api/agent-connections/{connection}")).GetProperty("status").GetString() == "disabled", "the connection is disabled");
        await PatchAsync("""{"contacts":{"n":3}}""");
        await _stage.UntilAsync(connection, "dead", 2);
        await _stage.DataAsync("POST", $"/api/agent-connections/{connection}/resume");
        await _stage.UntilAsync(connection, "delivered", 2);

        var last = _stage.Receiver.Got.Last().Json.GetProperty("data");
        Assert.Equal((3, """{"contacts":{"n":3}}"""), (last.GetProperty("version").GetInt32(), last.GetProperty("snapshot").GetRawText()));
    }

    [Fact]
    public async Task A_target_that_has_another_version_asks_for_a_snapshot_by_its_answer()
    {
        var time = new FakeTimeProvider();
        await using var stage = await ConnectionStage.StartAsync(time: time);
        await stage.DataAsync("PATCH", "/api/state/agent-a", """{"contacts":{"n":1}}""");
        var connection = await ShareAsync(stage);
        await stage.UntilAsync(connection, "delivered", 1);
        stage.Receiver.Next(409);
        await stage.DataAsync("PATCH", "/api/state/agent-a", """{"contacts":{"n":2}}""");
        await stage.Receiver.GotAsync(2);
        await Deadline.UntilAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(5));
                return await stage.CountAsync(connection, "delivered") == 2;
            },
            "it is delivered");

        var told = stage.Receiver.Got.ToList();
        Assert.True(told[1].Json.GetProperty("data").TryGetProperty("patch", out _));
        Assert.Equal("""{"contacts":{"n":2}}""", told[2].Json.GetProperty("data").GetProperty("snapshot").GetRawText());
        Assert.Equal(told[1].Headers["webhook-id"], told[2].Headers["webhook-id"]);
    }

    [Fact]
    public async Task An_attempt_says_the_same_as_the_one_before_it()
    {
        var time = new FakeTimeProvider();
        await using var stage = await ConnectionStage.StartAsync(time: time);
        var connection = await ShareAsync(stage);
        stage.Receiver.Next(500);
        await stage.DataAsync("PATCH", "/api/state/agent-a", """{"contacts":{"n":1}}""");
        await stage.Receiver.GotAsync(1);
        await stage.DataAsync("PATCH", "/api/state/agent-a", """{"contacts":{"n":2}}""");
        await Deadline.UntilAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(5));
                return await stage.CountAsync(connection, "delivered") == 2;
            },
            "both are delivered");

        var told = stage.Receiver.Got.ToList();
        Assert.Equal(told[0].Text, told[1].Text);
        Assert.Equal("""{"version":2,"fields":["contacts","config"],"base":1,"patch":{"contacts":{"n":2}}}""", told[2].Json.GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task The_target_reads_its_replica_and_cannot_write_it()
    {
        await PatchAsync("""{"contacts":{"jo":1,"api_key":"k"},"private":"x"}""");
        var connection = await ShareAsync();
        var target = new AgentAddress("local", "agent-b");

        var replica = await AsAgentAsync(target, "state.get", """{"agent":"agent-a"}""");
        var refusal = await Assert.ThrowsAsync<Parley.Protocol.Errors.ParleyException>(() => AsAgentAsync(target, "state.patch", """{"agent":"agent-a","value":{"contacts":1}}"""));
        var listed = await AsAgentAsync(target, "state.list", "{}");
        await _stage.DataAsync("DELETE", $"/api/agent-connections/{connection}");
        var gone = await Assert.ThrowsAsync<Parley.Protocol.Errors.ParleyException>(() => AsAgentAsync(target, "state.get", """{"agent":"agent-a"}"""));

        Assert.Equal((connection, """{"contacts":{"jo":1}}"""), (replica.GetProperty("connection").GetString(), Data(replica)));
        Assert.Equal((Parley.Protocol.Errors.ErrorCode.PermissionDenied, Parley.Protocol.Errors.ErrorCode.NotFound), (refusal.Code, gone.Code));
        Assert.Equal("local.agent-a", Assert.Single(listed.EnumerateArray()).GetProperty("agent").GetString());
    }

    [Fact]
    public async Task A_reader_waits_for_the_next_version()
    {
        await PatchAsync("""{"n":1}""");

        var waiting = _stage.DataAsync("GET", "/api/state/agent-a?after=1&wait=20");
        await PatchAsync("""{"n":2}""");

        Assert.Equal(2, Version(await waiting));
    }

    [Fact]
    public async Task An_event_of_a_state_tells_what_changed_and_not_what_is_in_it()
    {
        var waiting = _stage.CallAsync("GET", "/api/events?types=state.update&wait=20");
        await Deadline.UntilAsync(() => _stage.Hub.Get<Parley.Hub.Connections.Events.EventAudience>().Count > 0, "somebody follows");
        await PatchAsync("""{"contacts":{"jo":"+49"}}""");

        var told = (await waiting).Json.GetProperty("data")[0];
        Assert.Equal("""{"version":1,"fields":["contacts"]}""", told.GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task A_new_agent_of_an_old_name_has_no_state()
    {
        await PatchAsync("""{"n":1}""");
        await _stage.DataAsync("DELETE", "/api/agents/agent-a");
        (await _stage.Hub.JoinAsync("agent-a")).Dispose();

        Assert.Equal(0, Version(await _stage.DataAsync("GET", "/api/state/agent-a")));
    }

    private static int Version(JsonElement state) => state.GetProperty("version").GetInt32();

    private static string Data(JsonElement state) => state.GetProperty("data").GetRawText();

    private Task<JsonElement> PatchAsync(string patch) => _stage.DataAsync("PATCH", "/api/state/agent-a", patch);

    private Task<string> ShareAsync() => ShareAsync(_stage);

    private static async Task<string> ShareAsync(ConnectionStage stage) => (await stage.DataAsync(
        "POST",
        "/api/agent-connections",
        $$$"""{"source_agent_id":"agent-a","target_agent_id":"agent-b","events":["state.update"],"config":{"url":"{{{stage.Receiver.Url}}}","fields":["contacts","config"]}}""")).GetProperty("id").GetString()!;

    private async Task<HttpResponseMessage> SendAsync(string method, string body, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/state/agent-a") { Content = new StringContent(body, Encoding.UTF8, "application/merge-patch+json") };
        request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await _stage.Hub.Admin.SendAsync(request, Stop);
    }

    private async Task<JsonElement> AsAgentAsync(AgentAddress agent, string operation, string arguments)
    {
        var result = await _stage.Hub.Get<Operations>().InvokeAsync(Principal.Of(agent), operation, Encoding.UTF8.GetBytes(arguments), "test", Stop);
        return JsonDocument.Parse(result).RootElement.GetProperty("data").Clone();
    }

    private async Task<HttpClient> KeyAsync(string owner, string scope)
    {
        var made = await _stage.DataAsync("POST", "/api/keys", $$"""{"owner":"{{owner}}","scopes":["{{scope}}"]}""");
        return _stage.Hub.ClientWith(made.GetProperty("key").GetString()!);
    }
}
