using Parley.Hub.Identity.Keys;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Parley.Hub;
using Parley.Hub.Identity;
using Parley.Testing;

namespace Parley.HubTests.Http;

public sealed class ManagementApiTests : IAsyncLifetime
{
    private ApiHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await ApiHub.StartAsync();

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_hub_is_healthy_and_ready_for_everybody()
    {
        Assert.Equal("""{"status":"ok"}""", await _hub.Guest.GetStringAsync("/health"));
        Assert.Equal("""{"status":"ready"}""", await _hub.Guest.GetStringAsync("/ready"));
    }

    [Fact]
    public async Task An_agent_enrols_and_is_listed()
    {
        using var keys = new ApiAgent();
        var join = await _hub.CreateTokenAsync("acme");

        using var response = await _hub.EnrolAsync(keys.Request(join.HubId, join.Token, "printer", DateTimeOffset.FromUnixTimeMilliseconds(NowMs()), labels: "os=linux"));

        var enrolled = await DataAsync(response, HttpStatusCode.Created);
        Assert.Equal("acme.printer", enrolled.GetProperty("address").GetString());
        Assert.True(enrolled.GetProperty("isNameUnique").GetBoolean());
        var list = await _hub.Admin.GetFromJsonAsync<JsonElement>("/api/agents?selector=os%3Dlinux");
        Assert.Equal("acme.printer", list.GetProperty("data")[0].GetProperty("address").GetString());
        Assert.Equal("""{"total":1,"limit":100,"offset":0}""", list.GetProperty("meta").GetRawText());
    }

    [Fact]
    public async Task A_join_string_names_the_ports_that_were_picked()
    {
        var join = await _hub.CreateTokenAsync();

        Assert.Equal(_hub.Hub.Http, join.Http);
        Assert.Equal(_hub.Hub.Grpc, join.Grpc);
        Assert.NotEqual(join.Http.Port, join.Grpc.Port);
        Assert.Null(join.Pin);
    }

    [Fact]
    public async Task With_TLS_the_join_string_carries_the_pin_and_one_address()
    {
        await using var hub = await ApiHub.StartAsync(options =>
        {
            options.Http = new Uri("https://127.0.0.1:0");
            options.Grpc = null;
            options.Tls = TlsOptions.Self;
        });
        var tokens = hub.Get<JoinTokens>();

        var (_, secret) = await tokens.CreateAsync(new JoinTokenWish("local", new Dictionary<string, string>(), null, 1, null), "admin");
        var join = hub.Get<HubAddresses>().JoinWith(hub.Key, secret);

        Assert.Equal(hub.Key.Pin, join.Pin);
        Assert.Equal(join.Http, join.Grpc);
        Assert.Equal("https", join.Http.Scheme);
    }

    [Fact]
    public async Task A_key_that_revokes_itself_is_told_so()
    {
        var created = await PostAsync(_hub.Admin, "/api/keys", """{"owner":"ops","scopes":["admin"]}""");
        using var own = _hub.ClientWith(created.GetProperty("key").GetString()!);

        using var revoked = await own.DeleteAsync($"/api/keys/{created.GetProperty("id").GetString()}");
        using var after = await own.GetAsync("/api/keys");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (revoked.StatusCode, after.StatusCode));
    }

    [Fact]
    public async Task Missing_and_bad_keys_are_refused_alike_in_shape()
    {
        using var wrong = _hub.ClientWith("pk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        var created = await PostAsync(_hub.Admin, "/api/keys", """{"owner":"alice"}""");
        using var revoked = _hub.ClientWith(created.GetProperty("key").GetString()!);
        (await _hub.Admin.DeleteAsync($"/api/keys/{created.GetProperty("id").GetString()}")).EnsureSuccessStatusCode();

        foreach (var client in new[] { _hub.Guest, wrong, revoked })
        {
            using var response = await client.GetAsync("/api/agents");
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal(
                """{"error":{"code":"unauthenticated","message":"This needs a valid key.","details":{"fixer":"the caller, with a valid credential"}}}""",
                await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_key_sees_its_owners_agents_and_no_admin_routes()
    {
        using var printer = await _hub.JoinAsync("printer", "alice");
        using var secret = await _hub.JoinAsync("secret", "bob");
        var key = (await PostAsync(_hub.Admin, "/api/keys", """{"owner":"alice"}""")).GetProperty("key").GetString()!;
        using var alice = _hub.ClientWith(key);

        var agents = await alice.GetFromJsonAsync<JsonElement>("/api/agents");
        using var hidden = await alice.GetAsync("/api/agents/bob.secret");
        using var missing = await alice.GetAsync("/api/agents/bob.missing");
        using var tokens = await alice.GetAsync("/api/tokens");

        Assert.Equal(["alice.printer"], agents.GetProperty("data").EnumerateArray().Select(agent => agent.GetProperty("address").GetString()!));
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        Assert.Equal(await missing.Content.ReadAsStringAsync(), await hidden.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Forbidden, tokens.StatusCode);
    }

    [Fact]
    public async Task A_key_without_the_scope_is_refused()
    {
        var key = (await PostAsync(_hub.Admin, "/api/keys", """{"owner":"alice","scopes":["events"]}""")).GetProperty("key").GetString()!;
        using var alice = _hub.ClientWith(key);

        using var response = await alice.GetAsync("/api/agents");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task A_key_with_the_admin_scope_is_an_admin()
    {
        var key = (await PostAsync(_hub.Admin, "/api/keys", """{"owner":"ops","scopes":["admin"]}""")).GetProperty("key").GetString()!;
        using var ops = _hub.ClientWith(key);

        using var response = await ops.GetAsync("/api/tokens");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Agents_are_renamed_labelled_reset_and_removed()
    {
        using var keys = await _hub.JoinAsync("old", "alice");

        var renamed = await PostAsync(_hub.Admin, "/api/agents/alice.old/rename", """{"name":"new"}""");
        using var patch = await _hub.Admin.PatchAsync("/api/agents/alice.new", Json("""{"labels":{"os":"linux"},"agent":"alice.other"}"""));
        var labelled = await DataAsync(patch);
        var reset = await PostAsync(_hub.Admin, "/api/agents/alice.new/reset-key", string.Empty);
        var view = await DataAsync(await _hub.Admin.GetAsync("/api/agents/alice.new"));
        using var removed = await _hub.Admin.DeleteAsync("/api/agents/alice.new");
        using var gone = await _hub.Admin.GetAsync("/api/agents/alice.new");

        Assert.Equal("alice.new", renamed.GetProperty("address").GetString());
        Assert.Equal("linux", labelled.GetProperty("labels").GetProperty("os").GetString());
        Assert.StartsWith("parley-join-", reset.GetProperty("join").GetString(), StringComparison.Ordinal);
        Assert.False(view.TryGetProperty("fingerprint", out _));
        Assert.Equal(HttpStatusCode.OK, removed.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Revoking_a_token_takes_its_agents_along_unless_told_otherwise()
    {
        using var one = await _hub.JoinAsync("one");
        using var two = await _hub.JoinAsync("two");
        var tokens = await _hub.Admin.GetFromJsonAsync<JsonElement>("/api/tokens");
        var ids = tokens.GetProperty("data").EnumerateArray().Select(token => token.GetProperty("id").GetString()).ToList();

        var spared = await DataAsync(await _hub.Admin.DeleteAsync($"/api/tokens/{ids[0]}?keepAgents=true"));
        var revoked = await DataAsync(await _hub.Admin.DeleteAsync($"/api/tokens/{ids[1]}"));

        Assert.Empty(spared.GetProperty("removedAgents").EnumerateArray());
        Assert.Single(revoked.GetProperty("removedAgents").EnumerateArray());
        Assert.Equal(1, _hub.Get<AgentRegistry>().Count);
    }

    [Fact]
    public async Task Contacts_are_decided_by_their_owner()
    {
        var key = (await PostAsync(_hub.Admin, "/api/keys", """{"owner":"alice"}""")).GetProperty("key").GetString()!;
        using var alice = _hub.ClientWith(key);

        var accepted = await PostAsync(alice, "/api/contacts/accept", """{"sender":"bob.printer"}""");
        using var foreign = await alice.PostAsync("/api/contacts/accept", Json("""{"sender":"alice.x","owner":"bob"}"""));
        var list = await alice.GetFromJsonAsync<JsonElement>("/api/contacts");

        Assert.Equal("accepted", accepted.GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        Assert.Equal("bob.printer", list.GetProperty("data")[0].GetProperty("sender").GetString());
    }

    [Fact]
    public async Task Acts_are_in_the_audit_and_secrets_are_not()
    {
        var join = await _hub.CreateTokenAsync("alice");
        var key = await PostAsync(_hub.Admin, "/api/keys", """{"owner":"alice"}""");

        var audit = await _hub.Admin.GetStringAsync("/api/audit");

        Assert.Contains("tokens.create", audit, StringComparison.Ordinal);
        Assert.Contains("keys.create", audit, StringComparison.Ordinal);
        foreach (var secret in new[] { join.Token, key.GetProperty("key").GetString()!, _hub.AdminKey })
        {
            Assert.DoesNotContain(secret, audit, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, _hub.Log.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/api/tokens", "{", HttpStatusCode.BadRequest)]
    [InlineData("/api/tokens", "[]", HttpStatusCode.BadRequest)]
    [InlineData("/api/tokens", """{"maxAgents":"many"}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/tokens", """{"expiresIn":-1}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/tokens", """{"owner":"api"}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/keys", """{"scopes":["root"]}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/keys/none", """{}""", HttpStatusCode.MethodNotAllowed)]
    [InlineData("/api/contacts/accept", """{}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/enrol", "{}", HttpStatusCode.BadRequest)]
    [InlineData("/api/enrol", "null", HttpStatusCode.BadRequest)]
    [InlineData("/nowhere", "{}", HttpStatusCode.NotFound)]
    public async Task A_bad_request_is_answered_in_the_shape_of_every_refusal(string path, string body, HttpStatusCode expected)
    {
        using var response = await _hub.Admin.PostAsync(path, Json(body));

        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(expected, response.StatusCode);
        Assert.NotEmpty(answer.GetProperty("error").GetProperty("code").GetString()!);
    }

    [Fact]
    public async Task An_oversize_body_is_refused()
    {
        using var response = await _hub.Admin.PostAsync("/api/tokens", Json(new string(' ', 100_000)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Too_many_bad_keys_from_one_address_are_slowed_even_for_a_good_one()
    {
        using var wrong = _hub.ClientWith("pk_wrong");
        for (var attempt = 0; attempt < new Parley.Hub.Transports.DoorOptions().BadKeysPerMinute; attempt++)
        {
            (await wrong.GetAsync("/api/agents")).Dispose();
        }

        using var response = await _hub.Admin.GetAsync("/api/agents");

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
    }

    [Fact]
    public async Task Too_many_bad_join_tokens_from_one_address_are_slowed()
    {
        using var keys = new ApiAgent();
        var statuses = new List<HttpStatusCode>();
        for (var attempt = 0; attempt <= new Parley.Hub.Transports.DoorOptions().RefusedJoinsPerMinute; attempt++)
        {
            using var response = await _hub.EnrolAsync(keys.Request(_hub.Key.Id, "jt_wrong", "x", DateTimeOffset.FromUnixTimeMilliseconds(NowMs())));
            statuses.Add(response.StatusCode);
        }

        Assert.All(statuses[..^1], status => Assert.Equal(HttpStatusCode.Unauthorized, status));
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
    }

    [Fact]
    public async Task A_foreign_host_name_is_not_served_where_a_key_is_needed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/agents");
        request.Headers.Host = "evil.example";

        using var response = await _hub.Admin.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Metrics_need_the_admin_key()
    {
        using var refused = await _hub.Guest.GetAsync("/metrics");

        var text = await _hub.Admin.GetStringAsync("/metrics");

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("parley_agents 0\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE parley_store_commits_total counter\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_paths_are_not_logged()
    {
        using var response = await _hub.Guest.GetAsync("/join/invite_very-secret-code");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.DoesNotContain("very-secret-code", _hub.Log.ToString(), StringComparison.Ordinal);
    }

    private static long NowMs() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, string body)
    {
        using var response = await client.PostAsync(path, Json(body));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
    }

    private static async Task<JsonElement> DataAsync(HttpResponseMessage response, HttpStatusCode expected = HttpStatusCode.OK)
    {
        Assert.Equal(expected, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
    }
}
