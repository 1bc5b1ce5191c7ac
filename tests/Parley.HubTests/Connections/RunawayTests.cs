using System.Net;
using System.Text;
using System.Text.Json;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Hub.Messaging.Budgets;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Testing.Connections;

namespace Parley.HubTests.Connections;

/// <summary>What keeps agents that run away from running on.</summary>
public sealed class RunawayTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_agents_that_trigger_each_other_in_a_circle_are_caught_by_the_hops_of_their_events()
    {
        await using var hub = await HubFixture.StartAsync();
        hub.Log.Allow("is a dead letter");
        var turns = 0;
        foreach (var name in new[] { "agent-a", "agent-b", "agent-c" })
        {
            await hub.ConnectListenerAsync(await hub.EnrolAsync(name), (_, _) => Task.FromResult($"{Interlocked.Increment(ref turns)}"), cancellationToken: Stop);
        }

        foreach (var (from, to) in new[] { ("a", "b"), ("b", "c"), ("c", "a") })
        {
            await CallAsync(hub, "connections.create", $$$"""{"source_agent_id":"acme.agent-{{{from}}}","target_agent_id":"acme.agent-{{{to}}}","connection_type":"direct","config":{"events":["start","direct.answered"]}}""");
        }

        await CallAsync(hub, "events.emit", """{"type":"start","source":"acme.agent-a"}""");
        await Deadline.UntilAsync(() => hub.Get<Dispatcher>().Buried > 0, "the circle is cut");
        await Deadline.UntilAsync(async () => (await hub.Get<DeliveryReader>().ListAsync(null, null, DeliveryState.Pending, 1, 0)).Total == 0, "nothing is left");

        var dead = (await hub.Get<DeliveryReader>().ListAsync(null, null, DeliveryState.Dead, 10, 0)).Deliveries;
        Assert.Equal((7, 1), (turns, Assert.Single(dead).Attempts));
        Assert.Contains("message.hops", dead[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_runs_its_own_schedule_whenever_it_is_run_is_caught_by_the_hops()
    {
        await using var hub = await HubFixture.StartAsync();
        hub.Log.Allow("is a dead letter");
        var (turns, refused, id) = (0, new TaskCompletionSource<ErrorCode>(), string.Empty);
        var agent = await hub.EnrolAsync("agent-a");
        await hub.ConnectListenerAsync(
            agent,
            async (_, _) =>
            {
                try
                {
                    return Interlocked.Increment(ref turns) > 30 ? "no end" : (await InvokeAsync(hub, Principal.Of(agent.Address), "schedules.run", $$"""{"id":"{{id}}"}""")).GetRawText();
                }
                catch (ParleyException refusal)
                {
                    refused.TrySetResult(refusal.Code);
                    return "refused";
                }
            },
            cancellationToken: Stop);
        id = (await InvokeAsync(hub, Principal.Of(agent.Address), "schedules.create", """{"delay_seconds":9000,"message":"again"}""")).GetProperty("id").GetString()!;

        await CallAsync(hub, "schedules.run", $$"""{"id":"{{id}}"}""");
        await Deadline.UntilAsync(() => refused.Task.IsCompleted || hub.Get<Dispatcher>().Buried > 0 || Volatile.Read(ref turns) > 30, "the circle is cut");

        Assert.InRange(Volatile.Read(ref turns), 2, 8);
    }

    [Theory]
    [InlineData("schedules.create", """{"next_run":"NOW","message":"again"}""")]
    [InlineData("schedules.update", """{"id":"ID","next_run":"NOW"}""")]
    public async Task An_agent_that_sets_itself_a_time_whenever_it_is_run_is_caught_by_the_hops(string operation, string arguments)
    {
        await using var hub = await HubFixture.StartAsync();
        hub.Log.Allow("is a dead letter");
        var (turns, refused, id) = (0, new TaskCompletionSource<ErrorCode>(), string.Empty);
        var agent = await hub.EnrolAsync("agent-a");
        var me = Principal.Of(agent.Address);
        await hub.ConnectListenerAsync(
            agent,
            async (_, _) =>
            {
                try
                {
                    return Interlocked.Increment(ref turns) > 30 ? "no end" : (await InvokeAsync(hub, me, operation, Now(arguments).Replace("ID", id, StringComparison.Ordinal))).GetRawText();
                }
                catch (ParleyException refusal)
                {
                    refused.TrySetResult(refusal.Code);
                    return "refused";
                }
            },
            cancellationToken: Stop);

        id = (await InvokeAsync(hub, me, "schedules.create", """{"delay_seconds":9000,"message":"again"}""")).GetProperty("id").GetString()!;
        await InvokeAsync(hub, me, "schedules.update", Now("""{"id":"ID","next_run":"NOW"}""").Replace("ID", id, StringComparison.Ordinal));
        await Deadline.UntilAsync(() => refused.Task.IsCompleted || hub.Get<Dispatcher>().Buried > 0 || Volatile.Read(ref turns) > 30, "the circle is cut");

        Assert.InRange(Volatile.Read(ref turns), 2, 8);

        static string Now(string text) => text.Replace("NOW", TimeProvider.System.GetUtcNow().ToString("O", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_through_webhooks_that_passes_on_its_headers_ends_at_the_hop_limit()
    {
        await using var stage = await ConnectionStage.StartAsync();
        await stage.ConnectAsync();
        var (status, hops) = (HttpStatusCode.Accepted, string.Empty);
        await stage.EmitAsync();

        var count = 0;
        while (status == HttpStatusCode.Accepted && count < 20)
        {
            var got = (await stage.Receiver.GotAsync(++count))[^1];
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/events") { Content = new StringContent("""{"source":"agent-a","type":"workflow.complete"}""", Encoding.UTF8, "application/json") };
            request.Headers.Add("parley-hops", hops = got.Headers["parley-hops"]);
            request.Headers.Add("traceparent", got.Headers["traceparent"]);
            using var response = await stage.Hub.Admin.SendAsync(request, Stop);
            status = response.StatusCode;
        }

        Assert.Equal((HttpStatusCode.Forbidden, 8, "8"), (status, count, hops));
        Assert.Single(stage.Receiver.Got.Select(got => got.Headers["traceparent"].Split('-')[1]).Distinct());
    }

    [Fact]
    public async Task A_chain_that_passes_on_its_trace_alone_is_stopped_and_loses_nothing()
    {
        await using var stage = await ConnectionStage.StartAsync(options => options.Connections.ChainDeliveries = 5);
        stage.Hub.Log.Allow("is stopped");
        var (connection, _) = await stage.ConnectAsync();
        using var following = stage.Hub.Get<EventAudience>().Follow(null, null, [EventPattern.Any]);
        const string Trace = "00-11111111111111111111111111111111-2222222222222222-01";

        for (var number = 0; number < 8; number++)
        {
            await stage.EmitAsync(more: $"\"traceParent\":\"{Trace}\",");
        }

        await stage.UntilAsync(connection, "delivered", 5);
        Assert.Equal(3, await stage.CountAsync(connection, "dead"));
        await Deadline.UntilAsync(async () => (await stage.CallAsync("GET", "/api/events?after=0&types=chain.stopped")).Json.GetProperty("data").GetArrayLength() == 1, "it is told, once");
        await stage.DataAsync("POST", $"/api/agent-connections/{connection}/replay", "{}");
        await stage.UntilAsync(connection, "delivered", 8);
    }

    [Fact]
    public async Task An_agent_beyond_its_budget_is_paused_with_an_alert_until_it_is_reset()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Messaging.BudgetMessages = 3);
        hub.Log.Allow("is paused");
        using var following = hub.Get<EventAudience>().Follow(null, null, [EventPattern.Any]);
        var agent = await hub.EnrolAsync("agent-a");
        await hub.ConnectListenerAsync(await hub.EnrolAsync("agent-b"), (_, _) => Task.FromResult("ok"), cancellationToken: Stop);
        var sender = await hub.ConnectSenderAsync(agent, cancellationToken: Stop);

        var results = new List<SendResult>();
        for (var number = 0; number < 5; number++)
        {
            results.Add(await sender.AskAsync("agent-b", "x", Stop));
        }

        var emitted = await Assert.ThrowsAsync<ParleyException>(() => InvokeAsync(hub, Principal.Of(agent.Address), "events.emit", """{"type":"x"}"""));
        var own = await Assert.ThrowsAsync<ParleyException>(() => InvokeAsync(hub, Principal.Of(agent.Address), "budgets.reset", """{"agent":"agent-a"}"""));
        await Deadline.UntilAsync(async () => (await EventsAsync(hub, "agent.paused")).Count == 1, "the owner is told");
        await hub.StopAsync();
        await hub.StartAgainAsync();
        var shown = await CallAsync(hub, "budgets.get", """{"agent":"acme.agent-a"}""");
        await CallAsync(hub, "budgets.reset", """{"agent":"acme.agent-a"}""");

        Assert.All(results.Take(3), result => Assert.Equal(SendStatus.Answered, result.Status));
        Assert.All(results.Skip(3), result => Assert.Equal(ErrorCode.AgentPaused, result.Error!.Code));
        Assert.Equal((ErrorCode.AgentPaused, ErrorCode.PermissionDenied), (emitted.Code, own.Code));
        Assert.Equal(("paused", "more than 3 messages within 1h"), (shown.GetProperty("status").GetString(), shown.GetProperty("reason").GetString()));
        Assert.Contains((await hub.Get<Audit>().ListAsync(100, 0, Stop)).Rows, row => row.Act == "budget.paused" && row.Target == "acme.agent-a");
        await InvokeAsync(hub, Principal.Of(agent.Address), "events.emit", """{"type":"x"}""");
    }

    [Fact]
    public async Task Connections_wait_with_what_they_have_for_a_paused_agent()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Messaging.BudgetMessages = 2);
        hub.Log.Allow("is paused");
        var turns = 0;
        await hub.EnrolAsync("agent-a");
        await hub.ConnectListenerAsync(await hub.EnrolAsync("agent-b"), (_, _) => Task.FromResult($"{Interlocked.Increment(ref turns)}"), cancellationToken: Stop);
        await CallAsync(hub, "connections.create", """{"source_agent_id":"acme.agent-a","target_agent_id":"acme.agent-b","connection_type":"direct","config":{"events":["start"]}}""");

        for (var number = 0; number < 4; number++)
        {
            await CallAsync(hub, "events.emit", """{"type":"start"}""".Replace("}", ",\"source\":\"acme.agent-a\"}", StringComparison.Ordinal));
            await CallAsync(hub, "budgets.reset", """{"agent":"acme.agent-a"}""");
        }

        await Deadline.UntilAsync(() => hub.Get<AgentBudgets>().PausedCount == 1 && Volatile.Read(ref turns) == 2, "agent-b is paused after two turns");
        await Deadline.UntilAsync(async () => (await hub.Get<DeliveryReader>().ListAsync(null, null, DeliveryState.Pending, 10, 0)).Deliveries.Count(one => one.Error.StartsWith("agent.paused", StringComparison.Ordinal)) == 2, "two wait");
    }

    [Fact]
    public async Task Tokens_that_answers_report_count_where_there_is_a_limit()
    {
        await using var hub = await HubFixture.StartAsync();
        hub.Log.Allow("is paused");
        var worker = await hub.EnrolAsync("worker");
        await hub.ConnectListenerAsync(
            worker, new DelegateResponder((_, _) => new ResponderEvent[] { new ResponderEvent.Text("ok", IsDelta: false), new ResponderEvent.Usage(null, 60) }.ToAsyncEnumerable()), cancellationToken: Stop);
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("agent-a"), cancellationToken: Stop);
        await CallAsync(hub, "budgets.set", """{"agent":"acme.worker","tokens":100}""");

        await sender.AskAsync("worker", "x", Stop);
        var within = await CallAsync(hub, "budgets.get", """{"agent":"acme.worker"}""");
        await sender.AskAsync("worker", "x", Stop);
        await Deadline.UntilAsync(() => hub.Get<AgentBudgets>().PausedCount == 1, "it is paused");

        Assert.Equal((60, "active"), (within.GetProperty("tokens").GetInt32(), within.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task An_owner_sees_and_resets_its_own_agents_alone_and_gives_no_more_than_the_hub()
    {
        await using var stage = await ConnectionStage.StartAsync(options => options.Messaging.BudgetMessages = 10);
        using var mine = await KeyAsync(stage, "local");
        using var stranger = await KeyAsync(stage, "other");

        var (shown, _) = await stage.CallAsync("GET", "/api/budgets/agent-a", client: mine);
        var (hidden, hiddenJson) = await stage.CallAsync("POST", "/api/budgets/local.agent-a/reset", "{}", stranger);
        var (_, missing) = await stage.CallAsync("POST", "/api/budgets/local.nobody/reset", "{}", stranger);
        var listed = await stage.CallAsync("GET", "/api/budgets", client: stranger);
        var (less, _) = await stage.CallAsync("PATCH", "/api/budgets/agent-a", """{"messages":5}""", mine);
        var (more, _) = await stage.CallAsync("PATCH", "/api/budgets/agent-a", """{"messages":50}""", mine);
        var (none, _) = await stage.CallAsync("PATCH", "/api/budgets/agent-a", """{"messages":0}""", mine);
        var (admin, _) = await stage.CallAsync("PATCH", "/api/budgets/agent-a", """{"messages":0}""");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound, missing.GetRawText()), (shown, hidden, hiddenJson.GetRawText()));
        Assert.Equal(0, listed.Json.GetProperty("data").GetArrayLength());
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.OK), (less, more, none, admin));
    }

    private static async Task<HttpClient> KeyAsync(ConnectionStage stage, string owner)
    {
        var made = await stage.DataAsync("POST", "/api/keys", $$"""{"owner":"{{owner}}","scopes":["connections","agents:read"]}""");
        return stage.Hub.ClientWith(made.GetProperty("key").GetString()!);
    }

    private static Task<JsonElement> CallAsync(HubFixture hub, string operation, string arguments) => InvokeAsync(hub, Principal.Admin, operation, arguments);

    private static async Task<JsonElement> InvokeAsync(HubFixture hub, Principal caller, string operation, string arguments)
    {
        var result = await hub.Get<Operations>().InvokeAsync(caller, operation, Encoding.UTF8.GetBytes(arguments), "test", Stop);
        return JsonDocument.Parse(result).RootElement.GetProperty("data").Clone();
    }

    private static async Task<IReadOnlyList<StoredEvent>> EventsAsync(HubFixture hub, string type) =>
        (await hub.Get<EventReader>().ReadAsync(new EventQuery(null, null, [EventPattern.Parse(type)], _ => true), 0, 100, Stop)).Events;
}
