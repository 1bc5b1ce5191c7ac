using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Parley.Hub.Connections;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Testing;
using Parley.Testing.Connections;

namespace Parley.HubTests.Connections;

public sealed class ScheduleTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private ConnectionStage _stage = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _stage = await ConnectionStage.StartAsync(options => options.Connections.MaxSchedules = 3, _time);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task A_cron_schedule_raises_its_event_once_a_tick()
    {
        var made = await CreateAsync("""{"agent_id":"agent-a","name":"hourly","type":"cron","cron_expression":"0 * * * *","data":{"job":"tidy"}}""");

        await RanAsync(1, TimeSpan.FromHours(1));
        await RanAsync(2, TimeSpan.FromHours(1));

        var told = await ToldAsync();
        var data = told[0].GetProperty("data");
        Assert.Equal(["2030-01-02T13:00:00.000Z", "2030-01-02T14:00:00.000Z"], told.Select(one => one.GetProperty("data").GetProperty("scheduled_at").GetString()));
        Assert.Equal(("local.agent-a", "tidy", "hourly"), (told[0].GetProperty("source").GetString(), data.GetProperty("job").GetString(), data.GetProperty("name").GetString()));
        Assert.Equal(Id(made), data.GetProperty("schedule_id").GetString());
        Assert.Equal(3, made.GetProperty("upcoming").GetArrayLength());
    }

    [Theory]
    [InlineData("""{"agent_id":"agent-a","delay_seconds":90}""")]
    [InlineData("""{"agent_id":"agent-a","next_run":"2030-01-02T13:01:30+01:00"}""")]
    public async Task A_single_run_is_done_after_it(string body)
    {
        var id = Id(await CreateAsync(body));

        await RanAsync(1, TimeSpan.FromSeconds(90));
        _time.Advance(TimeSpan.FromDays(1));

        Assert.Equal("done", (await GetAsync(id)).GetProperty("status").GetString());
        Assert.Single(await ToldAsync());
    }

    [Theory]
    [InlineData("once", 1, "2")]
    [InlineData("skip", 0, "")]
    [InlineData("all", 3, "")]
    public async Task A_clock_that_jumps_ahead_leaves_ticks_to_the_rule_for_missed_ones(string missed, int expected, string told)
    {
        var id = Id(await CreateAsync($$"""{"agent_id":"agent-a","cron_expression":"0 * * * *","missed":"{{missed}}"}"""));
        await _stage.DataAsync("POST", $"/api/schedules/{id}/run");

        _time.JumpClock(TimeSpan.FromMinutes((3 * 60) + 30));
        await UntilAsync(async () => (await GetAsync(id)).GetProperty("next_run").GetDateTimeOffset() > _time.GetUtcNow(), "the ticks are settled");

        var events = (await ToldAsync()).Skip(1).ToList();
        Assert.Equal(expected, events.Count);
        Assert.Equal(told, events.Count == 1 ? events[0].GetProperty("data").GetProperty("missed").GetRawText() : string.Empty);
    }

    [Fact]
    public async Task A_clock_that_goes_back_runs_no_tick_twice_and_one_that_was_wrong_holds_nothing_up()
    {
        _stage.Hub.Log.Allow("the clock went back");
        await CreateAsync("""{"agent_id":"agent-a","cron_expression":"0 * * * *"}""");
        await RanAsync(1, TimeSpan.FromHours(1));

        _time.JumpClock(TimeSpan.FromMinutes(-30));
        await RanAsync(1, TimeSpan.FromMinutes(40));
        await RanAsync(2, TimeSpan.FromMinutes(50));
        _time.JumpClock(TimeSpan.FromDays(-365));
        await RanAsync(2, TimeSpan.FromSeconds(31));
        await RanAsync(3, TimeSpan.FromMinutes(61));

        Assert.Equal(3, (await ToldAsync()).Select(one => one.GetProperty("id").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task A_message_of_a_schedule_reaches_its_target_through_the_outbox()
    {
        var made = await CreateAsync($$"""{"agent_id":"agent-a","name":"ask","delay_seconds":60,"message":"what is due?","target_agent_id":"agent-b"}""");

        await RanAsync(1, TimeSpan.FromMinutes(1));

        var connection = made.GetProperty("connection_id").GetString()!;
        await _stage.UntilAsync(connection, "pending", 1);
        Assert.Equal("local.agent-b", made.GetProperty("target_agent_id").GetString());
        await _stage.DataAsync("DELETE", $"/api/schedules/{Id(made)}");
        Assert.Equal(HttpStatusCode.NotFound, (await _stage.CallAsync("GET", $"/api/agent-connections/{connection}")).Status);
    }

    [Fact]
    public async Task A_paused_schedule_goes_on_from_the_time_at_which_it_is_resumed()
    {
        var id = Id(await CreateAsync("""{"agent_id":"agent-a","cron_expression":"0 * * * *","missed":"all"}"""));
        await _stage.DataAsync("POST", $"/api/schedules/{id}/pause");
        _time.Advance(TimeSpan.FromHours(5));

        var resumed = await _stage.DataAsync("POST", $"/api/schedules/{id}/resume");

        Assert.Equal(_time.GetUtcNow().AddHours(1), resumed.GetProperty("next_run").GetDateTimeOffset());
        await RanAsync(1, TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_schedule_is_changed_and_keeps_the_rest()
    {
        var id = Id(await CreateAsync("""{"agent_id":"agent-a","name":"n","cron_expression":"0 * * * *","data":{"a":1}}"""));

        var changed = await _stage.DataAsync("PATCH", $"/api/schedules/{id}", """{"time_zone":"Asia/Kathmandu"}""");

        Assert.Equal(("n", "0 * * * *", """{"a":1}"""), (changed.GetProperty("name").GetString(), changed.GetProperty("cron_expression").GetString(), changed.GetProperty("data").GetRawText()));
        Assert.Equal("2030-01-02T12:15:00+00:00", changed.GetProperty("next_run").GetDateTimeOffset().ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("""{"agent_id":"agent-a"}""", "type")]
    [InlineData("""{"agent_id":"agent-a","type":"once","delay_seconds":5}""", "type")]
    [InlineData("""{"agent_id":"agent-a","delay_seconds":5,"cron_expression":"* * * * *"}""", "type")]
    [InlineData("""{"agent_id":"agent-a","cron_expression":"61 * * * *"}""", "cron_expression")]
    [InlineData("""{"agent_id":"agent-a","cron_expression":"1 * * * *","time_zone":"Mars"}""", "time_zone")]
    [InlineData("""{"agent_id":"agent-a","next_run":"2029-01-01T00:00:00Z"}""", "next_run")]
    [InlineData("""{"agent_id":"agent-a","delay_seconds":0}""", "delay_seconds")]
    [InlineData("""{"agent_id":"agent-a","delay_seconds":5,"missed":"never"}""", "missed")]
    [InlineData("""{"agent_id":"agent-a","delay_seconds":5,"data":{"schedule_id":"x"}}""", "data")]
    [InlineData("""{"agent_id":"agent-a","delay_seconds":5,"target_agent_id":"agent-b"}""", "message")]
    [InlineData("""{"delay_seconds":5}""", "agent_id")]
    public async Task What_could_never_run_is_refused_by_the_name_of_the_field(string body, string field)
    {
        var (status, json) = await _stage.CallAsync("POST", "/api/schedules", body);

        Assert.Equal((HttpStatusCode.BadRequest, field), (status, json.GetProperty("error").GetProperty("details").GetProperty("field").GetString()));
    }

    [Fact]
    public async Task A_schedule_of_somebody_else_looks_like_none()
    {
        var id = Id(await CreateAsync("""{"agent_id":"agent-a","delay_seconds":500}"""));
        var made = await _stage.DataAsync("POST", "/api/keys", """{"owner":"other","scopes":["events"]}""");
        using var stranger = _stage.Hub.ClientWith(made.GetProperty("key").GetString()!);

        var missing = await _stage.CallAsync("GET", "/api/schedules/sched_none", client: stranger);
        foreach (var (method, path) in new[] { ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/run"), ("POST", "/pause"), ("POST", "/resume") })
        {
            var (status, json) = await _stage.CallAsync(method, $"/api/schedules/{id}{path}", method == "GET" ? null : "{}", stranger);
            Assert.Equal((HttpStatusCode.NotFound, missing.Json.GetRawText()), (status, json.GetRawText()));
        }

        Assert.Equal(0, (await _stage.CallAsync("GET", "/api/schedules", client: stranger)).Json.GetProperty("data").GetArrayLength());
        var other = await Assert.ThrowsAsync<Parley.Protocol.Errors.ParleyException>(() => _stage.Hub.Get<Operations>().InvokeAsync(
            Principal.Of(new Parley.Protocol.Identity.AgentAddress("local", "agent-b")), "schedules.get", Encoding.UTF8.GetBytes($$"""{"id":"{{id}}"}"""), "test", Stop));
        Assert.Equal(Parley.Protocol.Errors.ErrorCode.NotFound, other.Code);
    }

    [Fact]
    public async Task An_owner_has_so_many_schedules_and_no_more()
    {
        for (var number = 0; number < 3; number++)
        {
            await CreateAsync("""{"agent_id":"agent-a","delay_seconds":500,"message":"x"}""");
        }

        var (status, json) = await _stage.CallAsync("POST", "/api/schedules", """{"agent_id":"agent-a","delay_seconds":500,"message":"x"}""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("schedules", json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, _stage.Hub.Get<ConnectionRegistry>().Count);
    }

    [Fact]
    public async Task A_schedule_goes_with_its_agent()
    {
        await CreateAsync("""{"agent_id":"agent-a","delay_seconds":60}""");
        await _stage.DataAsync("DELETE", "/api/agents/agent-a");
        (await _stage.Hub.JoinAsync("agent-a")).Dispose();

        _time.Advance(TimeSpan.FromHours(1));
        await UntilAsync(async () => (await _stage.DataAsync("GET", "/api/schedules")).EnumerateArray().All(one => one.GetProperty("status").GetString() == "done"), "it is over");

        Assert.Empty(await ToldAsync());
    }

    private static string Id(JsonElement schedule) => schedule.GetProperty("id").GetString()!;

    private Task<JsonElement> CreateAsync(string body) => _stage.DataAsync("POST", "/api/schedules", body);

    private Task<JsonElement> GetAsync(string id) => _stage.DataAsync("GET", $"/api/schedules/{id}");

    private async Task<List<JsonElement>> ToldAsync() =>
        [.. (await _stage.CallAsync("GET", "/api/events?after=0&types=schedule.executed")).Json.GetProperty("data").EnumerateArray()];

    private async Task RanAsync(int count, TimeSpan time)
    {
        _time.Advance(time);
        await UntilAsync(async () => (await ToldAsync()).Count == count, $"{count} runs");
    }

    // The loop may be about to sleep when the clock is moved on: a second more each time wakes it.
    private Task UntilAsync(Func<Task<bool>> condition, string what) => Deadline.UntilAsync(
        async () =>
        {
            var isSo = await condition();
            if (!isSo)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
            }

            return isSo;
        },
        what);
}
