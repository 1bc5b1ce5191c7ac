using System.Text.Json;
using Parley.Hub;

namespace Parley.HubTests.OpenAi;

public sealed class ModelsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_are_the_agents_that_the_caller_may_call_and_the_default_once_more()
    {
        await using var site = await OpenAiSite.StartAsync();
        await site.Hub.EnrolAsync("alice");
        await site.Hub.EnrolAsync("carol", "other");

        var list = await GetAsync(site.Client, "/v1/models");

        Assert.Equal("list", list.GetProperty("object").GetString());
        Assert.Equal(["agent", "alice", "bob"], list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
        Assert.All(list.GetProperty("data").EnumerateArray(), model => Assert.Equal(("model", "acme"), (model.GetProperty("object").GetString(), model.GetProperty("owned_by").GetString())));
        Assert.All(list.GetProperty("data").EnumerateArray(), model => Assert.True(model.GetProperty("created").GetInt64() > 1_700_000_000));
    }

    [Fact]
    public async Task A_name_that_two_agents_have_is_written_with_its_owner()
    {
        await using var site = await OpenAiSite.StartAsync();
        await site.Hub.EnrolAsync("bob", "other");
        var admin = (await File.ReadAllTextAsync(Path.Combine(site.Hub.DataFolder, "admin.key"), Stop)).Trim();
        using var client = site.ClientWith(admin);

        var list = await GetAsync(client, "/v1/models");

        Assert.Equal(["agent", "acme.bob", "other.bob"], list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task One_model_is_found_by_every_name_that_a_call_may_use()
    {
        await using var site = await OpenAiSite.StartAsync();

        foreach (var id in new[] { "agent", "bob", "acme.bob" })
        {
            Assert.Equal(id, (await GetAsync(site.Client, "/v1/models/" + id)).GetProperty("id").GetString());
        }
    }

    [Fact]
    public async Task A_hub_without_a_default_agent_has_no_model_agent()
    {
        await using var site = await OpenAiSite.StartAsync();
        site.HasDefault = false;

        var list = await GetAsync(site.Client, "/v1/models");
        using var response = await site.Client.GetAsync("/v1/models/agent", Stop);

        Assert.Equal(["bob"], list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
        var error = (await OpenAiSite.JsonOfAsync(response)).GetProperty("error");
        Assert.Equal("model_not_found", error.GetProperty("code").GetString());
        Assert.Contains("--default-agent", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_that_were_named_may_call_and_others_may_not()
    {
        await using var site = await OpenAiSite.StartAsync(options => options.CorsOrigins = ["https://chat.example"]);

        using var preflight = await SendAsync(site.Client, HttpMethod.Options, "https://chat.example");
        using var call = await SendAsync(site.Client, HttpMethod.Get, "https://chat.example");
        using var refused = await SendAsync(site.ClientWith("pk_nothing"), HttpMethod.Get, "https://chat.example");
        using var stranger = await SendAsync(site.Client, HttpMethod.Options, "https://evil.example");

        Assert.Equal((204, "authorization"), ((int)preflight.StatusCode, preflight.Headers.GetValues("Access-Control-Allow-Headers").Single()));
        Assert.All([preflight, call, refused], response => Assert.Equal("https://chat.example", response.Headers.GetValues("Access-Control-Allow-Origin").Single()));
        Assert.False(stranger.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Without_the_option_no_page_may_call()
    {
        await using var site = await OpenAiSite.StartAsync();

        using var response = await SendAsync(site.Client, HttpMethod.Options, "https://chat.example");

        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string origin)
    {
        using var request = new HttpRequestMessage(method, "/v1/models");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "GET");
        request.Headers.Add("Access-Control-Request-Headers", "authorization");
        return await client.SendAsync(request, Stop);
    }

    private static async Task<JsonElement> GetAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path, Stop);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Stop));
        return await OpenAiSite.JsonOfAsync(response);
    }
}
