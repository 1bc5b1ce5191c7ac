using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Parley.Hub;
using Parley.Hub.Connections.Events;
using Parley.Hub.Identity;
using Parley.Hub.Outbound;
using Parley.HubTests.Outbound;
using Parley.Testing;
using Parley.Testing.Connections;

namespace Parley.HubTests.Connections;

/// <summary>Callers and endpoints that mean harm, at the doors of events, states and deliveries.</summary>
public sealed class HostileCallerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/events?after=0&wait=25&types=none.such")]
    [InlineData("/api/state/agent-a?after=9&wait=25")]
    [InlineData("/api/events/stream")]
    public async Task A_flood_of_waits_ends_at_the_owners_share_and_others_are_served(string path)
    {
        await using var stage = await ConnectionStage.StartAsync(options => (options.Connections.MaxStreams, options.Connections.StreamsPerOwner) = (20, 5));
        (await stage.Hub.JoinAsync("agent-a", "other")).Dispose();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var flooder = await OwnerAsync(stage, "local");
        using var other = await OwnerAsync(stage, "other");
        var audience = stage.Hub.Get<EventAudience>();
        var refusals = new ConcurrentQueue<HttpResponseMessage>();
        var flood = Enumerable.Range(0, 40).Select(_ => WaitAsync()).ToList();
        await Deadline.UntilAsync(() => refusals.Count == 35, "35 of 40 are refused");

        var refused = refusals.First();
        var error = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("error");
        var served = other.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, ending.Token);
        await Deadline.UntilAsync(() => audience.Count == 6, "another owner waits, too");
        var (admins, _) = await stage.CallAsync("GET", "/api/events?after=0&wait=1");
        var (plain, _) = await stage.CallAsync("GET", "/api/events?after=0", client: flooder);

        Assert.Equal(("rate_limited", TimeSpan.FromSeconds(10)), (error.GetProperty("code").GetString(), refused.Headers.RetryAfter!.Delta));
        Assert.Contains("owner-event-streams", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (admins, plain));
        await ending.CancelAsync();
        foreach (var wait in flood.Append(served))
        {
            await Task.WhenAny(wait);
            if (wait.IsCompletedSuccessfully)
            {
                (await wait).Dispose();
            }
        }

        await Deadline.UntilAsync(
            async () =>
            {
                using var again = await flooder.GetAsync("/api/events?after=0&wait=1&types=none.such", Stop);
                return again.StatusCode == HttpStatusCode.OK;
            },
            "the places are free again");

        async Task<HttpResponseMessage> WaitAsync()
        {
            var response = await flooder.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, ending.Token);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                refusals.Enqueue(response);
            }

            return response;
        }
    }

    [Fact]
    public async Task Deliveries_of_an_agent_that_became_private_are_its_own_and_the_admins()
    {
        await using var stage = await ConnectionStage.StartAsync();
        using var owner = await OwnerAsync(stage, "local");
        var (named, _) = await stage.ConnectAsync();
        var all = (await stage.DataAsync("POST", "/api/agent-connections", $$$"""{"source_agent_id":"local.*","config":{"url":"{{{stage.Receiver.Url}}}","events":["workflow.complete"]}}""")).GetProperty("id").GetString()!;
        await stage.EmitAsync();
        await stage.DataAsync("POST", "/api/events", """{"source":"agent-b","type":"workflow.complete","data":{}}""");
        await stage.UntilAsync(named, "delivered", 1);
        await stage.UntilAsync(all, "delivered", 2);
        var before = await TotalAsync(stage, "/api/deliveries", owner);
        var secret = (await stage.DataAsync("GET", $"/api/deliveries?connection={named}"))[0].GetProperty("id").GetString();
        var throughAll = (await stage.DataAsync("GET", $"/api/deliveries?connection={all}")).EnumerateArray().Last().GetProperty("id").GetString();

        await stage.DataAsync("PATCH", "/api/agents/agent-a", """{"visibility":"private"}""");

        Assert.Equal((3, 1, 1), (before, await TotalAsync(stage, "/api/deliveries", owner), await TotalAsync(stage, "/api/deliveries?status=delivered", owner)));
        Assert.Equal((1, 3), (await TotalAsync(stage, $"/api/deliveries?connection={all}", owner), await TotalAsync(stage, "/api/deliveries", stage.Hub.Admin)));
        foreach (var id in new[] { secret, throughAll })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await stage.CallAsync("GET", $"/api/deliveries/{id}", client: owner)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await stage.CallAsync("POST", $"/api/deliveries/{id}/replay", "{}", owner)).Status);
        }
    }

    [Theory]
    [InlineData("POST", "/api/events", """{"source":"agent-a","type":"x","data":{"a":1,"a":2}}""")]
    [InlineData("POST", "/api/events", """{"source":"agent-a","type":"x","type":"y"}""")]
    [InlineData("POST", "/api/events", """{"source":"agent-a","type":"x","Type":"y"}""")]
    [InlineData("PUT", "/api/state/agent-a", """{"a":{"b":1,"b":2}}""")]
    [InlineData("PATCH", "/api/state/agent-a", """{"a":1,"a":2}""")]
    [InlineData("POST", "/api/schedules", """{"agent_id":"agent-a","delay_seconds":60,"data":{"a":1,"a":2}}""")]
    [InlineData("POST", "/api/agent-connections", """{"source_agent_id":"agent-a","target_agent_id":"agent-b","filter":{"a":1,"a":2}}""")]
    public async Task Two_members_of_one_name_are_refused_wherever_JSON_comes_in(string method, string path, string body)
    {
        await using var stage = await ConnectionStage.StartAsync();

        var (status, json) = await stage.CallAsync(method, path, body);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_argument"), (status, json.GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task What_is_wrong_with_a_body_is_said_in_words_that_help()
    {
        await using var stage = await ConnectionStage.StartAsync();
        var deep = new string('[', 40) + new string(']', 40);

        var tooDeep = await MessageAsync(stage, "POST", "/api/events", $$$"""{"source":"agent-a","type":"x","data":{"a":{{{deep}}}}}""");
        var deepState = await MessageAsync(stage, "PUT", "/api/state/agent-a", $$$"""{"a":{{{deep}}}}""");
        var twice = await MessageAsync(stage, "POST", "/api/events", """{"source":"agent-a","type":"x","data":{"a":1,"a":2}}""");
        var (_, types) = await stage.CallAsync("GET", "/api/events?types=no%20spaces");
        var (_, filter) = await stage.CallAsync("POST", "/api/agent-connections", """{"source_agent_id":"agent-a","target_agent_id":"agent-b","config":{"filter":[1]}}""");

        Assert.Equal(("The request's body is nested deeper than 32 levels.", "The request's body is nested deeper than 32 levels."), (tooDeep, deepState));
        Assert.Equal("The request's body has an object with two members of one name (RFC 7493, section 2.3).", twice);
        Assert.StartsWith("An entry of types ", types.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("types", types.GetProperty("error").GetProperty("details").GetProperty("field").GetString());
        Assert.Equal(("filter", "The filter is a JSON object."), (filter.GetProperty("error").GetProperty("details").GetProperty("field").GetString(), filter.GetProperty("error").GetProperty("message").GetString()));
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_when_it_is_connected_to_leads_nowhere()
    {
        var resolver = new ScriptedResolver();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var hub = await ApiHub.StartAsync(
            options =>
            {
                options.Outbound.Allowed = OutboundAllowList.Parse(["127.0.0.1"]);
                options.Connections.MaxAttempts = 1;
            },
            parts: new HubParts(null, null) { Compose = services => services.Replace(ServiceDescriptor.Singleton<IAddressResolver>(resolver)) });
        hub.Log.Allow("is a dead letter");
        (await hub.JoinAsync("agent-a")).Dispose();
        resolver.Answers["rebind.example"] = new([[IPAddress.Loopback], [IPAddress.Parse("127.0.0.2")], [IPAddress.Parse("169.254.169.254")], [IPAddress.Loopback]]);
        await PostAsync(hub, "/api/agent-connections", $$$"""{"source_agent_id":"agent-a","config":{"url":"http://rebind.example:{{{new Uri(receiver.Url).Port}}}/","events":["*"]}}""");

        var states = new List<string>();
        for (var number = 1; number <= 4; number++)
        {
            receiver.Next(context =>
            {
                // So that the next one looks the name up again.
                context.Response.Headers.Connection = "close";
                context.Response.StatusCode = 204;
                return Task.CompletedTask;
            });
            await PostAsync(hub, "/api/events", """{"source":"agent-a","type":"x"}""");
            await Deadline.UntilAsync(async () => (await ListAsync(hub)).Count(one => one.GetProperty("status").GetString() != "pending") == number, "it has ended");
            states.Add((await ListAsync(hub))[0].GetProperty("status").GetString()!);
        }

        Assert.Equal(["delivered", "dead", "dead", "delivered"], states);
        Assert.Equal((4, 2), (resolver.Asked, receiver.Got.Count));
    }

    private static async Task<HttpClient> OwnerAsync(ConnectionStage stage, string owner)
    {
        stage.Hub.Get<HubOptions>().Connections.AreOwnersAllowed = true;
        return stage.Hub.ClientWith((await stage.Hub.Get<ApiKeys>().CreateAsync(owner, ApiScopes.AllButAdmin, null, "test", Stop)).Secret);
    }

    private static async Task<int> TotalAsync(ConnectionStage stage, string path, HttpClient client)
    {
        var (_, json) = await stage.CallAsync("GET", path, client: client);
        Assert.Equal(json.GetProperty("meta").GetProperty("total").GetInt32(), json.GetProperty("data").GetArrayLength());
        return json.GetProperty("meta").GetProperty("total").GetInt32();
    }

    private static async Task<string?> MessageAsync(ConnectionStage stage, string method, string path, string body) =>
        (await stage.CallAsync(method, path, body)).Json.GetProperty("error").GetProperty("message").GetString();

    private static async Task<List<JsonElement>> ListAsync(ApiHub hub)
    {
        var json = JsonDocument.Parse(await hub.Admin.GetStringAsync("/api/deliveries", Stop)).RootElement;
        return [.. json.GetProperty("data").EnumerateArray()];
    }

    private static async Task PostAsync(ApiHub hub, string path, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await hub.Admin.PostAsync(path, content, Stop);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Stop));
    }
}
