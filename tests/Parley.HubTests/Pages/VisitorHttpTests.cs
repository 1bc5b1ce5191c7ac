using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Parley.Hub.Identity;
using Parley.Testing;

namespace Parley.HubTests.Pages;

/// <summary>At the HTTP doors a visitor is not there, for its owner's keys as for everybody.</summary>
public sealed class VisitorHttpTests : IAsyncLifetime
{
    private HubFixture _hub = null!;
    private HttpClient _http = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync();
        await _hub.EnrolVisitorAsync(await _hub.EnrolAsync("alice"), "bob");
        var (_, secret) = await _hub.Get<ApiKeys>().CreateAsync("acme", ApiScopes.AllButAdmin, null, "test", Stop);
        _http = new HttpClient { BaseAddress = _hub.Hub.Http };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _hub.DisposeAsync();
    }

    [Theory]
    [InlineData("/api/agents")]
    [InlineData("/api/budgets")]
    [InlineData("/api/state")]
    [InlineData("/v1/models")]
    [InlineData("/.well-known/ai-catalog.json")]
    public async Task It_stands_in_no_list(string path)
    {
        var list = await _http.GetStringAsync(path, Stop);

        Assert.DoesNotContain("bob", list, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/api/agents/acme.bob", "")]
    [InlineData("PATCH", "/api/agents/acme.bob", "{\"visibility\":\"public\"}")]
    [InlineData("GET", "/api/agents/acme.bob/card", "")]
    [InlineData("GET", "/api/budgets/acme.bob", "")]
    [InlineData("GET", "/api/state/acme.bob", "")]
    [InlineData("PUT", "/api/state/acme.bob", "{}")]
    [InlineData("GET", "/agents/acme.bob/.well-known/agent-card.json", "")]
    [InlineData("POST", "/agents/acme.bob/message:send", "{\"message\":{\"messageId\":\"m\",\"role\":\"ROLE_USER\",\"parts\":[{\"text\":\"hi\"}]}}")]
    [InlineData("GET", "/agents/acme.bob/tasks", "")]
    [InlineData("GET", "/v1/models/acme.bob", "")]
    [InlineData("POST", "/v1/chat/completions", "{\"model\":\"acme.bob\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")]
    [InlineData("POST", "/v1/responses", "{\"model\":\"acme.bob\",\"input\":\"hi\"}")]
    public async Task It_is_unknown_at_every_door(string method, string path, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var answer = await _http.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }
}
