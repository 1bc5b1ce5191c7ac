using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Parley.Hub.Connections.Events;
using Parley.Hub.Identity;
using Parley.Hub.Identity.Keys;
using Parley.Hub.Management;
using Parley.Hub.Outbound;
using Parley.Testing;
using Parley.Testing.Connections;

namespace Parley.HubTests.Connections;

/// <summary>One trace runs from an event through its deliveries and turns to the answers and what follows from them.</summary>
public sealed class TraceTests
{
    private const string Given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"type":"workflow.complete","source":"agent-a","data":{"workflow_id":"étape"},"subject":"order 7"}""")]
    [InlineData("""{"type":"workflow.complete","source":"agent-a","data":{"workflow_id":"étape"},"subject":"order 7","traceParent":"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-01"}""")]
    public async Task From_the_request_through_webhook_and_turn_to_the_answers_webhook_it_is_one_trace(string body)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var hub = await HubFixture.StartAsync(options => options.Outbound.Allowed = OutboundAllowList.Parse(["127.0.0.1"]));
        await hub.EnrolAsync("agent-a", "local");
        var metas = new ConcurrentQueue<IReadOnlyDictionary<string, string>>();
        await hub.ConnectListenerAsync(await hub.EnrolAsync("agent-b", "local"), (request, _) =>
        {
            metas.Enqueue(request.Meta.ToDictionary());
            return Task.FromResult("done");
        }, cancellationToken: Stop);
        await ConnectAsync(hub, $$$"""{"source_agent_id":"local.agent-a","config":{"url":"{{{receiver.Url}}}","events":["workflow.complete"]}}""");
        await ConnectAsync(hub, """{"source_agent_id":"local.agent-a","target_agent_id":"local.agent-b","connection_type":"direct","config":{"events":["workflow.complete"]}}""");
        await ConnectAsync(hub, """{"source_agent_id":"local.agent-a","target_agent_id":"local.agent-b","connection_type":"webhook","config":{"events":["workflow.complete"]}}""");
        await ConnectAsync(hub, $$$"""{"source_agent_id":"local.agent-b","config":{"url":"{{{receiver.Url}}}","events":["direct.answered"]}}""");

        await EmitAsync(hub, body);
        var got = (await receiver.GotAsync(2)).ToDictionary(one => one.Headers["ce-type"], one => one.Headers);
        await Deadline.UntilAsync(() => metas.Count == 2, "turn and webhook reach the agent");

        string[] traces = [got["workflow.complete"]["traceparent"], got["direct.answered"]["traceparent"], .. metas.Select(meta => meta["traceparent"])];
        Assert.All(traces, trace => Assert.Matches("^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$", trace));
        Assert.Equal(4, traces.Append(Given).Select(trace => trace[36..52]).Distinct().Count() - 1);
        AssertCloudEvent(got["workflow.complete"], "local.agent-a", "order%207");
        AssertCloudEvent(got["direct.answered"], "local.agent-b", "order%207");
        AssertCloudEvent(metas.Single(meta => meta.ContainsKey("webhook-id")), "local.agent-a", "order%207");
    }

    [Fact]
    public async Task A_trace_that_is_none_is_begun_anew()
    {
        await using var hub = await HubFixture.StartAsync();
        await hub.EnrolAsync("agent-a", "local");
        using var following = hub.Get<EventAudience>().Follow(null, null, [EventPattern.Any]);

        await EmitAsync(hub, """{"type":"custom.one","source":"agent-a"}""", "00-00000000000000000000000000000000-00f067aa0ba902b7-01");

        var (events, _) = await hub.Get<EventReader>().ReadAsync(new EventQuery(null, null, [EventPattern.Any], _ => true), 0, 10, Stop);
        Assert.Matches("^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$", events.Single().TraceParent);
    }

    private static void AssertCloudEvent(IReadOnlyDictionary<string, string> headers, string source, string subject)
    {
        Assert.Equal(("1.0", source, subject), (headers["ce-specversion"], headers["ce-source"], headers["ce-subject"]));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", headers["ce-time"]);
        Assert.NotEmpty(headers["ce-id"]);
    }

    private static Task<byte[]> ConnectAsync(HubFixture hub, string json) =>
        hub.Get<Operations>().InvokeAsync(Principal.Admin, "connections.create", Encoding.UTF8.GetBytes(json), "test", Stop);

    private static async Task EmitAsync(HubFixture hub, string body, string trace = Given)
    {
        using var client = new HttpClient { BaseAddress = hub.Hub.LocalHttp };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await hub.Get<ApiKeys>().CreateAsync("local", ApiScopes.Events, null, "test", Stop)).Secret);
        client.DefaultRequestHeaders.Add("traceparent", trace);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync("/api/events", content, Stop);
        response.EnsureSuccessStatusCode();
    }
}
