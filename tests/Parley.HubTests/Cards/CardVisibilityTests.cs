using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Parley.Hub.Identity;
using Parley.Protocol.Identity;
using Parley.Testing;

namespace Parley.HubTests.Cards;

/// <summary>Who finds whom: every kind of caller, every visibility, every route of discovery.</summary>
public sealed class CardVisibilityTests : IAsyncLifetime
{
    private static readonly string[] _routes =
    [
        "/agents/alice.NAME/.well-known/agent-card.json", "/agents/alice.NAME/.well-known/agent.json", "/alice.NAME/.well-known/agent-card.json", "/alice.NAME/.well-known/agent.json",
    ];

    private readonly Dictionary<string, string?> _keys = [];
    private ApiHub _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await ApiHub.StartAsync();
        foreach (var visibility in Enum.GetValues<AgentVisibility>())
        {
            using var agent = await _hub.JoinAsync(visibility.ToText() + "-one", "alice");
            await _hub.Get<AgentRegistry>().SetLabelsAsync(Address(visibility), null, visibility, mayOverrule: true);
        }

        await _hub.Get<Contacts>().DecideAsync("friend", "alice.*", ContactState.Accepted);
        _keys["guest"] = null;
        _keys["admin"] = _hub.AdminKey;
        foreach (var (name, owner, scopes) in new[]
        {
            ("own", "alice", ApiScopes.Default), ("own, messages only", "alice", ApiScopes.Messages), ("own, agents:read only", "alice", ApiScopes.AgentsRead),
            ("own, events only", "alice", ApiScopes.Events), ("stranger", "bob", ApiScopes.Default), ("friend", "friend", ApiScopes.Default),
        })
        {
            _keys[name] = (await _hub.Get<ApiKeys>().CreateAsync(owner, scopes, null, "test")).Secret;
        }
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Theory]
    [InlineData("guest", "public")]
    [InlineData("own", "owner hub public")]
    [InlineData("own, messages only", "owner hub public")]
    [InlineData("own, agents:read only", "owner hub public")]
    [InlineData("own, events only", "public")]
    [InlineData("stranger", "hub public")]
    [InlineData("friend", "owner hub public")]
    [InlineData("admin", "private owner hub public")]
    public async Task Cards_and_catalog_show_what_the_caller_may_know_of_and_nothing_else(string caller, string expected)
    {
        using var client = ClientOf(caller);
        var seen = expected.Split(' ');

        var missing = await AnswerAsync(client, _routes[0].Replace("NAME", "missing", StringComparison.Ordinal));
        foreach (var visibility in Enum.GetValues<AgentVisibility>())
        {
            foreach (var route in _routes)
            {
                var (status, body) = await AnswerAsync(client, route.Replace("NAME", visibility.ToText() + "-one", StringComparison.Ordinal));
                Assert.Equal((route, visibility, seen.Contains(visibility.ToText()) ? HttpStatusCode.OK : HttpStatusCode.NotFound), (route, visibility, status));
                if (status == HttpStatusCode.NotFound)
                {
                    Assert.Equal(missing.Body, body);
                }
            }
        }

        var catalog = await client.GetFromJsonAsync<JsonElement>("/.well-known/ai-catalog.json", TestContext.Current.CancellationToken);
        Assert.Equal(
            seen.Select(word => $"alice.{word}-one").Order(StringComparer.Ordinal),
            catalog.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("identifier").GetString()!.Split(':')[^1]));
    }

    [Fact]
    public async Task A_key_that_is_no_good_is_refused_even_for_a_public_card()
    {
        using var client = _hub.ClientWith("pk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");

        var (status, _) = await AnswerAsync(client, "/agents/alice.public-one/.well-known/agent-card.json");

        Assert.Equal(HttpStatusCode.Unauthorized, status);
    }

    [Fact]
    public async Task A_guest_may_leave_the_owner_away_where_one_public_agent_has_the_name()
    {
        using var other = await _hub.JoinAsync("hub-one", "bob");
        using var twin = await _hub.JoinAsync("twin", "alice");
        using var second = await _hub.JoinAsync("twin", "bob");
        foreach (var owner in new[] { "alice", "bob" })
        {
            await _hub.Get<AgentRegistry>().SetLabelsAsync(new AgentAddress(owner, "twin"), null, AgentVisibility.Public, mayOverrule: true);
        }

        var one = await AnswerAsync(_hub.Guest, "/agents/public-one/.well-known/agent-card.json");
        var hidden = await AnswerAsync(_hub.Guest, "/agents/hub-one/.well-known/agent-card.json");
        var two = await AnswerAsync(_hub.Guest, "/agents/twin/.well-known/agent-card.json");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.Conflict), (one.Status, hidden.Status, two.Status));
        Assert.Contains("/agents/alice.public-one\"", one.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_was_hidden_is_gone_at_once()
    {
        var before = await AnswerAsync(_hub.Guest, "/agents/alice.public-one/.well-known/agent-card.json");
        using var content = JsonContent.Create(new { visibility = "private" });

        using var patched = await _hub.Admin.PatchAsync("/api/agents/alice.public-one", content, TestContext.Current.CancellationToken);
        var after = await AnswerAsync(_hub.Guest, "/agents/alice.public-one/.well-known/agent-card.json");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound), (before.Status, patched.StatusCode, after.Status));
    }

    [Fact]
    public async Task A_visibility_that_is_none_is_refused()
    {
        using var content = JsonContent.Create(new { visibility = "everybody" });

        using var response = await _hub.Admin.PatchAsync("/api/agents/alice.public-one", content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private static AgentAddress Address(AgentVisibility visibility) => new("alice", visibility.ToText() + "-one");

    private static async Task<(HttpStatusCode Status, string Body)> AnswerAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private HttpClient ClientOf(string caller)
    {
        var client = new HttpClient { BaseAddress = _hub.Hub.Http };
        if (_keys[caller] is { } key)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return client;
    }
}
