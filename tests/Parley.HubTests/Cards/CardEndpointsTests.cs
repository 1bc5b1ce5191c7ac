using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Parley.Gateway.Cards;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi.Cards;
using Parley.Hub.Identity;
using Parley.Protocol.Identity;
using Parley.Testing;
using Task = System.Threading.Tasks.Task;

namespace Parley.HubTests.Cards;

public sealed class CardEndpointsTests : IAsyncLifetime
{
    private const string Path = "/agents/alice.echo/.well-known/agent-card.json";

    private readonly FakeTimeProvider _time = new();
    private ApiHub _hub = null!;

    private static CancellationToken Timeout => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hub = await StartAsync(options => options.DefaultAgent = "echo");
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Theory]
    [InlineData("1.0", true, false)]
    [InlineData("1.0.1", true, false)]
    [InlineData("0.3", false, true)]
    [InlineData("0.3.0", false, true)]
    [InlineData(null, true, true)]
    [InlineData("", true, true)]
    public async Task The_version_that_the_caller_names_decides_the_form(string? version, bool hasNew, bool hasOld)
    {
        var (_, card) = await GetAsync(_hub, Path, ("A2A-Version", version));

        Assert.Equal((hasNew, hasOld), (card.TryGetProperty("supportedInterfaces", out _), card.TryGetProperty("protocolVersion", out _)));
    }

    [Fact]
    public async Task The_version_may_stand_in_the_query()
    {
        var (_, card) = await GetAsync(_hub, Path + "?A2A-Version=0.3");

        Assert.False(card.TryGetProperty("supportedInterfaces", out _));
    }

    [Fact]
    public async Task A_version_that_nobody_speaks_is_refused()
    {
        var (response, _) = await GetAsync(_hub, Path, ("A2A-Version", "7.0"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_card_names_addresses_where_the_agent_is_reached_and_the_way_to_prove_who_calls()
    {
        var (_, json) = await GetAsync(_hub, Path, ("A2A-Version", "1.0"));

        var card = JsonDialect.V1.Parse<AgentCard>(JsonSerializer.SerializeToUtf8Bytes(json), JsonLimits.Default);
        var grpc = card.SupportedInterfaces.First(one => one.ProtocolBinding == "GRPC");
        Assert.All(card.SupportedInterfaces.Where(one => one.ProtocolBinding != "GRPC"), one => Assert.Equal(new Uri(_hub.Hub.Http, "/agents/alice.echo").ToString(), one.Url));
        Assert.Equal((_hub.Hub.Grpc.Authority, "alice.echo"), (grpc.Url, grpc.Tenant));
        Assert.Equal("Bearer", card.SecuritySchemes.Values.Single().HttpAuthSecurityScheme.Scheme);
        Assert.Equal([true, true, true], [card.Capabilities.Streaming, card.Capabilities.PushNotifications, card.Capabilities.ExtendedAgentCard]);
    }

    [Fact]
    public async Task A_card_is_signed_by_the_key_of_the_key_set()
    {
        var (_, json) = await GetAsync(_hub, Path);
        var (_, keys) = await GetAsync(_hub, "/.well-known/jwks.json");

        var card = JsonDialect.V1.Parse<AgentCard>(JsonSerializer.SerializeToUtf8Bytes(json), JsonLimits.Default);
        using var key = Es256.FromCoordinates(keys.GetProperty("keys")[0].GetProperty("x").GetString()!, keys.GetProperty("keys")[0].GetProperty("y").GetString()!)!;
        Assert.True(CardSignature.Verify(card, key));
    }

    [Fact]
    public async Task A_card_about_which_verifiers_disagree_is_served_without_a_signature()
    {
        await PutAsync(_hub, """{"description":"Grüße"}""");

        var (_, card) = await GetAsync(_hub, Path);

        Assert.Equal("Grüße", card.GetProperty("description").GetString());
        Assert.False(card.TryGetProperty("signatures", out _));
    }

    [Fact]
    public async Task The_seeds_card_has_its_own_form_and_address()
    {
        await PutAsync(_hub, """{"description":"Echoes.","skills":[{"id":"e","name":"Echo","description":"Says it again.","tags":["echo"]}]}""");

        var (_, card) = await GetAsync(_hub, "/alice.echo/.well-known/agent.json");

        Assert.Equal(
            $$$"""{"name":"echo","description":"Echoes.","url":"{{{new Uri(_hub.Hub.Http, "/alice.echo/a2a")}}}","capabilities":{"streaming":true,"tools":[]},"skills":[{"name":"Echo","description":"Says it again."}]}""",
            card.GetRawText());
    }

    [Theory]
    [InlineData("/.well-known/agent-card.json")]
    [InlineData("/.well-known/agent.json")]
    public async Task At_the_root_is_the_default_agents_card(string path)
    {
        var (_, card) = await GetAsync(_hub, path);

        Assert.Equal("echo", card.GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_hub_without_a_default_agent_says_so()
    {
        await using var hub = await StartAsync();

        var (response, refusal) = await GetAsync(hub, "/.well-known/agent-card.json");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("--default-agent", refusal.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_default_agent_that_is_not_for_the_caller_looks_like_none_of_that_name()
    {
        await _hub.Get<AgentRegistry>().SetLabelsAsync(new AgentAddress("alice", "echo"), null, AgentVisibility.Owner, mayOverrule: true, Timeout);

        var (root, rootBody) = await GetAsync(_hub, "/.well-known/agent-card.json");
        var (_, missing) = await GetAsync(_hub, "/agents/alice.none/.well-known/agent-card.json");

        Assert.Equal(HttpStatusCode.NotFound, root.StatusCode);
        Assert.Equal(missing.GetRawText(), rootBody.GetRawText());
    }

    [Fact]
    public async Task Answers_may_be_kept_for_a_minute_and_say_what_they_depend_on()
    {
        var (open, _) = await GetAsync(_hub, Path);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/.well-known/ai-catalog.json");
        using var own = await _hub.Admin.SendAsync(request, Timeout);

        Assert.Equal("public, max-age=60", open.Headers.CacheControl!.ToString());
        Assert.Equal("max-age=60, private", own.Headers.CacheControl!.ToString());
        Assert.Equal(["A2A-Version", "Authorization"], open.Headers.Vary);
        Assert.NotNull(open.Content.Headers.LastModified);
    }

    [Theory]
    [InlineData(Path)]
    [InlineData("/alice.echo/.well-known/agent.json")]
    [InlineData("/.well-known/jwks.json")]
    [InlineData("/.well-known/ai-catalog.json")]
    public async Task Who_has_the_text_is_told_so_without_it(string path)
    {
        var (first, _) = await GetAsync(_hub, path);

        var (same, body) = await GetAsync(_hub, path, ("If-None-Match", first.Headers.ETag!.ToString()));
        var (weak, _) = await GetAsync(_hub, path, ("If-None-Match", $"\"other\", W/{first.Headers.ETag}"));
        var (any, _) = await GetAsync(_hub, path, ("If-None-Match", "*"));
        var (other, _) = await GetAsync(_hub, path, ("If-None-Match", "\"other\""));

        Assert.Equal([HttpStatusCode.NotModified, HttpStatusCode.NotModified, HttpStatusCode.NotModified, HttpStatusCode.OK], [same.StatusCode, weak.StatusCode, any.StatusCode, other.StatusCode]);
        Assert.Equal(JsonValueKind.Undefined, body.ValueKind);
        Assert.Equal(first.Headers.ETag, same.Headers.ETag);
    }

    [Fact]
    public async Task A_time_is_asked_about_where_no_tag_is_and_a_change_is_newer()
    {
        var (first, _) = await GetAsync(_hub, Path);
        var known = first.Content.Headers.LastModified!.Value.ToString("r");

        var (same, _) = await GetAsync(_hub, Path, ("If-Modified-Since", known));
        _time.Advance(TimeSpan.FromSeconds(5));
        await PutAsync(_hub, """{"description":"Changed."}""");
        var (changed, card) = await GetAsync(_hub, Path, ("If-Modified-Since", known));

        Assert.Equal((HttpStatusCode.NotModified, HttpStatusCode.OK), (same.StatusCode, changed.StatusCode));
        Assert.Equal("Changed.", card.GetProperty("description").GetString());
        Assert.NotEqual(first.Headers.ETag, changed.Headers.ETag);
    }

    [Fact]
    public async Task Forms_of_one_card_have_marks_of_their_own()
    {
        var (blended, _) = await GetAsync(_hub, Path);

        var (old, _) = await GetAsync(_hub, Path, ("A2A-Version", "0.3"), ("If-None-Match", blended.Headers.ETag!.ToString()));

        Assert.Equal(HttpStatusCode.OK, old.StatusCode);
    }

    [Fact]
    public async Task The_operators_public_address_stands_in_cards_whatever_the_caller_asked()
    {
        await using var hub = await StartAsync(options => options.PublicUrl = new Uri("https://hub.example.org"));

        using var response = await hub.Guest.GetAsync(Path, Timeout);
        var card = await response.Content.ReadFromJsonAsync<JsonElement>(Timeout);

        Assert.Equal("https://hub.example.org/agents/alice.echo", card.GetProperty("url").GetString());
        Assert.DoesNotContain(card.GetProperty("supportedInterfaces").EnumerateArray(), one => one.GetProperty("protocolBinding").GetString() == "GRPC");
    }

    [Theory]
    [InlineData(true, "https://agents.example.org/agents/alice.echo")]
    [InlineData(false, null)]
    public async Task Only_a_trusted_proxy_says_under_which_address_it_was_called(bool isTrusted, string? expected)
    {
        await using var hub = await StartAsync(options => options.TrustedProxies = isTrusted ? ["127.0.0.0/8"] : []);

        var (_, card) = await GetAsync(hub, Path, ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "agents.example.org"));

        Assert.Equal(expected ?? new Uri(hub.Hub.Http, "/agents/alice.echo").ToString(), card.GetProperty("url").GetString());
    }

    [Fact]
    public async Task A_foreign_host_name_is_not_served()
    {
        var (response, _) = await GetAsync(_hub, Path, ("Host", "evil.example"));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task The_catalog_has_the_form_of_AI_Catalog_1_0()
    {
        var (_, catalog) = await GetAsync(_hub, "/.well-known/ai-catalog.json");

        Assert.Equal(
            $$$"""{"specVersion":"1.0","host":{"displayName":"Parley at {{{_hub.Hub.Http.Authority}}}","identifier":"{{{_hub.Key.Id}}}"},"entries":[{"identifier":"urn:air:{{{_hub.Key.Id}}}:agent:alice.echo","type":"application/a2a-agent-card+json","url":"{{{new Uri(_hub.Hub.Http, Path)}}}"}]}""",
            catalog.GetRawText());
    }

    private static async Task<(HttpResponseMessage Response, JsonElement Body)> GetAsync(ApiHub hub, string path, params (string Name, string? Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers.Where(header => header.Value is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await hub.Guest.SendAsync(request, Timeout);
        var body = await response.Content.ReadAsByteArrayAsync(Timeout);
        return (response, body.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(body));
    }

    private static async Task PutAsync(ApiHub hub, string card) =>
        await hub.Get<AgentCards>().PutAsync(new AgentAddress("alice", "echo"), UploadedCard.Read(System.Text.Encoding.UTF8.GetBytes(card)).Card, Timeout);

    private async Task<ApiHub> StartAsync(Action<Parley.Hub.HubOptions>? configure = null)
    {
        var hub = await ApiHub.StartAsync(configure, _time);
        using var agent = await hub.JoinAsync("echo", "alice");
        await hub.Get<AgentRegistry>().SetLabelsAsync(new AgentAddress("alice", "echo"), null, AgentVisibility.Public, mayOverrule: true, Timeout);
        return hub;
    }
}
