using System.Net;
using System.Text;
using System.Text.Json;
using Parley.Hub.Identity;
using Parley.Testing;
using Parley.Testing.Connections;

namespace Parley.HubTests.Connections;

public sealed class ConnectionApiTests : IAsyncLifetime
{
    private ConnectionStage _stage = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _stage = await ConnectionStage.StartAsync();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Theory]
    [InlineData("""{"source_agent_id": "agent-a","target_agent_id": "agent-b","connection_type": "webhook","config": {"events": ["workflow.complete"]}}""", "local.agent-a", "local.agent-b", "webhook")]
    [InlineData("""{"connection_type": "webhook","config": {"url": "https://agent-b.example.com/webhook","events": ["workflow.complete", "message.received"]}}""", "local.*", null, "webhook")]
    [InlineData("""{"connection_type": "direct","config": {"target_agent_id": "agent-b"}}""", "local.*", "local.agent-b", "direct")]
    [InlineData("""{"source_agent_id": "agent-a","target_agent_id": "agent-b","events": ["workflow.complete"],"filter": {"workflow_id": "step-1"}}""", "local.agent-a", "local.agent-b", "webhook")]
    [InlineData("""{"source_agent_id": "agent-a","target_agent_id": "agent-b","events": ["state.update"],"config": {"fields": ["contacts", "config"]}}""", "local.agent-a", "local.agent-b", "webhook")]
    [InlineData("""{"target_agent_id": "agent-b","config": {"auth": {"type": "bearer","token": "{{secrets.agent_b_token}}"}}}""", "local.*", "local.agent-b", "webhook")]
    public async Task The_seeds_examples_are_taken_as_they_stand(string body, string source, string? target, string type)
    {
        // As curl -d sends it: under the type of a form.
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new("application/x-www-form-urlencoded");
        using var response = await _stage.Hub.Admin.PostAsync("/api/agent-connections", content, Stop);

        var made = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("data");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal((source, target, type), (Text(made, "source_agent_id"), made.TryGetProperty("target_agent_id", out var to) ? to.GetString() : null, Text(made, "connection_type")));
    }

    [Theory]
    [InlineData("""{"source_agent_id":"agent-a","connection_type":"webhook","config":{"events":["x"]}}""", "target_agent_id")]
    [InlineData("""{"source_agent_id":"agent-a","target_agent_id":"agent-a","connection_type":"direct"}""", "itself")]
    [InlineData("""{"source_agent_id":"agent-a","target_agent_id":"nobody"}""", "agent")]
    [InlineData("""{"target_agent_id":"agent-b","connection_type":"pigeon"}""", "connection_type")]
    [InlineData("""{"target_agent_id":"agent-b","connection_type":"webhook","config":{"reply_to":"agent-a"}}""", "reply_to")]
    [InlineData("""{"target_agent_id":"agent-b","connection_type":"direct","config":{"reply_to":"agent-b"}}""", "reply_to")]
    [InlineData("""{"target_agent_id":"agent-b","config":{"events":["no spaces"]}}""", "events")]
    [InlineData("""{"target_agent_id":"agent-b","config":{"filter":{"a":{"$regex":"x"}}}}""", "operator")]
    [InlineData("""{"target_agent_id":"agent-b","filter":{"a":1},"config":{"filter":{"a":2}}}""", "two places")]
    [InlineData("""{"config":{"url":"http://10.0.0.1/"}}""", "address")]
    [InlineData("""{"config":{"url":"http://127.0.0.1/","headers":{"Host":"x"}}}""", "header")]
    [InlineData("""{"config":{"url":"http://127.0.0.1/","auth":{"type":"basic","username":"x"}}}""", "auth")]
    public async Task What_could_never_work_is_refused_at_once(string body, string word)
    {
        var (status, json) = await _stage.CallAsync("POST", "/api/agent-connections", body);

        Assert.InRange((int)status, 400, 404);
        Assert.Contains(word, json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_is_listed_changed_and_deleted_with_what_waits()
    {
        var (id, _) = await _stage.ConnectAsync();
        await _stage.DataAsync("POST", $"/api/agent-connections/{id}/pause");
        await _stage.EmitAsync();

        var changed = await _stage.DataAsync("PUT", $"/api/agent-connections/{id}", """{"config":{"filter":{"workflow_id":"step-2"}}}""");
        await _stage.EmitAsync();
        var listed = await _stage.DataAsync("GET", "/api/agent-connections");
        var deleted = await _stage.DataAsync("DELETE", $"/api/agent-connections/{id}");
        var (gone, _) = await _stage.CallAsync("GET", $"/api/agent-connections/{id}");

        Assert.Equal("""["workflow.complete"]""", changed.GetProperty("config").GetProperty("events").GetRawText());
        Assert.Equal((1, 1L), (listed.GetArrayLength(), listed[0].GetProperty("pending").GetInt64()));
        Assert.False(listed[0].TryGetProperty("secret", out _));
        Assert.Equal(1, deleted.GetProperty("pending").GetInt64());
        Assert.Equal(HttpStatusCode.NotFound, gone);
    }

    [Fact]
    public async Task A_test_says_what_did_not_fit()
    {
        var (id, _) = await _stage.ConnectAsync("\"filter\":{\"workflow_id\":\"step-1\"},");

        var no = await _stage.DataAsync("POST", $"/api/agent-connections/{id}/test", """{"event":{"type":"workflow.complete","data":{"workflow_id":"step-2"}}}""");
        var yes = await _stage.DataAsync("POST", $"/api/agent-connections/{id}/test", """{"event":{"type":"workflow.complete","data":{"workflow_id":"step-1"}},"deliver":true}""");
        var got = await _stage.Receiver.GotAsync(1);

        Assert.False(no.GetProperty("matches").GetBoolean());
        Assert.Equal("""{"field":"workflow_id","wants":"= \"step-1\"","found":"\"step-2\"","matches":false}""", no.GetProperty("clauses")[2].GetRawText());
        Assert.True(yes.GetProperty("matches").GetBoolean());
        Assert.Equal(yes.GetProperty("delivery").GetString(), got[0].Headers["webhook-id"]);
    }

    [Fact]
    public async Task A_test_delivers_no_event_that_the_connection_could_not_bring()
    {
        using var other = await OwnerAsync("other");
        var (_, made) = await _stage.CallAsync("POST", "/api/agent-connections", $$$"""{"source_agent_id":"other.*","config":{"url":"{{{_stage.Receiver.Url}}}"}}""", other);
        await _stage.DataAsync("PATCH", "/api/agents/agent-a", """{"visibility":"hub"}""");
        var path = $"/api/agent-connections/{Text(made.GetProperty("data"), "id")}/test";

        var (forged, _) = await _stage.CallAsync("POST", path, """{"deliver":true,"event":{"source":"local.agent-a","type":"workflow.complete"}}""", other);
        var (hidden, _) = await _stage.CallAsync("POST", path, """{"event":{"source":"local.agent-b","type":"workflow.complete"}}""", other);
        var (own, _) = await _stage.CallAsync("POST", path, """{"deliver":true}""", other);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.OK), (forged, hidden, own));
        Assert.Equal(0, (await _stage.DataAsync("GET", "/api/events?after=0&source=agent-a")).GetArrayLength());
    }

    [Fact]
    public async Task Agents_of_somebody_else_look_like_none()
    {
        using var other = await OwnerAsync("other");
        foreach (var (method, path, body) in new[]
        {
            ("POST", "/api/agent-connections", """{"source_agent_id":"local.NAME","config":{"url":"http://127.0.0.1:1/"}}"""),
            ("POST", "/api/events", """{"source":"local.NAME","type":"x.y"}"""),
            ("POST", "/api/schedules", """{"agent_id":"local.NAME","delay_seconds":60}"""),
            ("GET", "/api/events?after=0&source=local.NAME", null),
        })
        {
            var there = await _stage.CallAsync(method, path.Replace("NAME", "agent-a", StringComparison.Ordinal), body?.Replace("NAME", "agent-a", StringComparison.Ordinal), other);
            var missing = await _stage.CallAsync(method, path.Replace("NAME", "nobody", StringComparison.Ordinal), body?.Replace("NAME", "nobody", StringComparison.Ordinal), other);

            Assert.Equal((HttpStatusCode.NotFound, missing.Json.GetRawText()), (there.Status, there.Json.GetRawText()));
        }
    }

    [Fact]
    public async Task Only_an_admin_connects_a_private_agent_and_from_all_agents_it_is_left_out()
    {
        await _stage.DataAsync("PATCH", "/api/agents/agent-a", """{"visibility":"private"}""");
        using var owner = await OwnerAsync("local");
        var url = _stage.Receiver.Url;

        var (named, _) = await _stage.CallAsync("POST", "/api/agent-connections", $$$"""{"source_agent_id":"agent-a","config":{"url":"{{{url}}}"}}""", owner);
        await _stage.CallAsync("POST", "/api/agent-connections", $$$"""{"source_agent_id":"local.*","config":{"url":"{{{url}}}"}}""", owner);
        var all = await _stage.DataAsync("POST", "/api/events", """{"source":"agent-a","type":"x.y"}""");
        var admins = await _stage.DataAsync("POST", "/api/agent-connections", $$$"""{"source_agent_id":"agent-a","config":{"url":"{{{url}}}"}}""");
        var (turned, _) = await _stage.CallAsync("PATCH", $"/api/agent-connections/{Text(admins, "id")}", """{"events":["z"]}""", owner);
        var (_, listed) = await _stage.CallAsync("GET", "/api/agent-connections", client: owner);

        Assert.Equal((HttpStatusCode.NotFound, 0, HttpStatusCode.NotFound), (named, all.GetProperty("deliveries").GetInt32(), turned));
        Assert.Equal(1, listed.GetProperty("meta").GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("\"headers\":{\"x-a\":null}")]
    [InlineData("\"headers\":{\"x-a\":\"***\"}")]
    [InlineData("\"headers\":{\"x-a\":\"1\",\"X-A\":\"2\"}")]
    [InlineData("\"auth\":{\"type\":\"bearer\",\"token\":\"a\\nb\"}")]
    public async Task Credentials_that_could_not_be_sent_are_refused(string member)
    {
        var (status, json) = await _stage.CallAsync("POST", "/api/agent-connections", $$$"""{"source_agent_id":"agent-a","config":{"url":"http://127.0.0.1:1/",{{{member}}}}}""");

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_argument"), (status, Text(json.GetProperty("error"), "code")));
    }

    [Fact]
    public async Task What_stands_in_the_open_beside_a_secrets_name_is_not_shown()
    {
        var made = await _stage.DataAsync(
            "POST",
            "/api/agent-connections",
            """{"source_agent_id":"agent-a","config":{"url":"http://127.0.0.1:1/","headers":{"x-open":"hunter2{{secrets.a}}","x-scheme":"Token {{secrets.a}}"},"auth":{"type":"bearer","token":"{{secrets.a}}"}}}""");
        var config = made.GetProperty("config");

        Assert.Equal(("***", "Token {{secrets.a}}"), (Text(config.GetProperty("headers"), "x-open"), Text(config.GetProperty("headers"), "x-scheme")));
        Assert.Equal("{{secrets.a}}", Text(config.GetProperty("auth"), "token"));
    }

    [Fact]
    public async Task Only_admins_connect_agents_unless_owners_may()
    {
        var (_, key) = await _stage.Hub.Get<ApiKeys>().CreateAsync("local", ApiScopes.AllButAdmin, null, "test", Stop);
        using var owner = _stage.Hub.ClientWith(key);
        const string Body = """{"source_agent_id":"agent-a","target_agent_id":"agent-b"}""";

        var (refused, _) = await _stage.CallAsync("POST", "/api/agent-connections", Body, owner);
        _stage.Hub.Get<Parley.Hub.HubOptions>().Connections.AreOwnersAllowed = true;
        var (allowed, made) = await _stage.CallAsync("POST", "/api/agent-connections", Body, owner);
        var (_, other) = await _stage.Hub.Get<ApiKeys>().CreateAsync("other", ApiScopes.AllButAdmin, null, "test", Stop);
        using var stranger = _stage.Hub.ClientWith(other);
        var (hidden, _) = await _stage.CallAsync("GET", $"/api/agent-connections/{Text(made.GetProperty("data"), "id")}", client: stranger);
        var (foreign, _) = await _stage.CallAsync("POST", "/api/agent-connections", """{"source_agent_id":"local.agent-a","target_agent_id":"local.agent-b"}""", stranger);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Created), (refused, allowed));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (hidden, foreign));
    }

    [Fact]
    public async Task A_connection_from_all_agents_leaves_out_its_targets_own_events()
    {
        await _stage.DataAsync("POST", "/api/agent-connections", """{"connection_type":"direct","config":{"target_agent_id":"agent-b","events":["custom.*"]}}""");

        var others = await _stage.DataAsync("POST", "/api/events", """{"source":"agent-a","type":"custom.one"}""");
        var own = await _stage.DataAsync("POST", "/api/events", """{"source":"agent-b","type":"custom.one"}""");

        Assert.Equal((1, 0), (others.GetProperty("deliveries").GetInt32(), own.GetProperty("deliveries").GetInt32()));
    }

    [Fact]
    public async Task An_event_is_taken_once_under_its_emitters_id()
    {
        await _stage.ConnectAsync();

        await _stage.EmitAsync(more: "\"id\":\"run-1\",");
        var again = await _stage.DataAsync("POST", "/api/events", """{"source":"agent-a","type":"workflow.complete","id":"run-1"}""");
        await _stage.Receiver.GotAsync(1);

        Assert.Equal((0, true), (again.GetProperty("deliveries").GetInt32(), again.GetProperty("repeated").GetBoolean()));
        Assert.Single(_stage.Receiver.Got);
    }

    [Fact]
    public async Task A_stream_begins_where_its_reader_was()
    {
        await _stage.EmitAsync("""{"n":1}""", "custom.one");
        await _stage.EmitAsync("""{"n":2}""", "custom.two");
        await _stage.EmitAsync("""{"n":3}""", "custom.one");
        var first = (await _stage.DataAsync("GET", "/api/events?after=0"))[0].GetProperty("number").GetInt64();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/events/stream?types=custom.one");
        request.Headers.Add("Last-Event-ID", first.ToString(System.Globalization.CultureInfo.InvariantCulture));

        using var response = await _stage.Hub.Admin.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        var lines = new List<string?>();
        for (var line = 0; line < 3; line++)
        {
            lines.Add(await reader.ReadLineAsync(Stop));
        }

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(("event: custom.one", $"id: {first + 2}"), (lines[0], lines[1]));
        Assert.Contains("\"data\":{\"n\":3}", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_ends_with_the_key_that_began_it()
    {
        var keys = _stage.Hub.Get<ApiKeys>();
        var (key, secret) = await keys.CreateAsync("local", ApiScopes.AllButAdmin, null, "test", Stop);
        using var client = _stage.Hub.ClientWith(secret);
        using var response = await client.GetAsync("/api/events/stream", HttpCompletionOption.ResponseHeadersRead, Stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        await _stage.EmitAsync("""{"n":1}""");
        Assert.Equal("event: workflow.complete", await reader.ReadLineAsync(Stop));

        await keys.RevokeAsync(key.Id, Stop);
        await _stage.EmitAsync("""{"n":2}""");

        var rest = await reader.ReadToEndAsync(Stop).WaitAsync(Deadline.Shared, TimeProvider.System, Stop);
        Assert.Contains("\"n\":1", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("\"n\":2", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wait_is_refused_when_its_key_is_revoked()
    {
        var keys = _stage.Hub.Get<ApiKeys>();
        var (key, secret) = await keys.CreateAsync("local", ApiScopes.AllButAdmin, null, "test", Stop);
        using var client = _stage.Hub.ClientWith(secret);
        var audience = _stage.Hub.Get<Parley.Hub.Connections.Events.EventAudience>();
        var waiting = client.GetAsync("/api/events?wait=30", Stop);
        await Deadline.UntilAsync(() => audience.Count > 0, "somebody waits");

        await keys.RevokeAsync(key.Id, Stop);
        await _stage.EmitAsync();

        using var response = await waiting;
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_webhook_that_comes_in_is_verified_and_taken_once()
    {
        var (id, secret) = await _stage.ConnectAsync();
        const string Body = """{"type":"workflow.complete","timestamp":"2026-01-01T00:00:00Z","data":{"workflow_id":"outside"}}""";

        var good = await HookAsync(id, secret, "in-1", Body);
        var again = await HookAsync(id, secret, "in-1", Body);
        var bad = await HookAsync(id, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "in-2", Body);
        var nowhere = await HookAsync("conn_none", secret, "in-3", Body);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (good, again));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (bad, nowhere));
        Assert.Equal("outside", (await _stage.Receiver.GotAsync(1))[0].Json.GetProperty("data").GetProperty("workflow_id").GetString());
        Assert.Single(_stage.Receiver.Got);
    }

    private async Task<HttpClient> OwnerAsync(string owner)
    {
        _stage.Hub.Get<Parley.Hub.HubOptions>().Connections.AreOwnersAllowed = true;
        return _stage.Hub.ClientWith((await _stage.Hub.Get<ApiKeys>().CreateAsync(owner, ApiScopes.AllButAdmin, null, "test", Stop)).Secret);
    }

    private async Task<HttpStatusCode> HookAsync(string connection, string secret, string id, string body)
    {
        var (bytes, now) = (Encoding.UTF8.GetBytes(body), TimeProvider.System.GetUtcNow());
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{connection}") { Content = new ByteArrayContent(bytes) };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", Parley.Hub.Connections.Webhooks.WebhookSignature.Sign([Parley.Hub.Connections.Webhooks.WebhookSecret.Read(secret)], id, now, bytes));
        using var response = await _stage.Hub.Guest.SendAsync(request, Stop);
        return response.StatusCode;
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
