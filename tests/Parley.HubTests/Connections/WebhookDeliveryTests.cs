using System.Text.Json;
using Parley.Hub.Connections.Webhooks;
using Parley.Testing;
using Parley.Testing.Connections;

namespace Parley.HubTests.Connections;

public sealed class WebhookDeliveryTests
{
    [Fact]
    public async Task An_event_goes_out_signed_as_the_standard_says()
    {
        await using var stage = await ConnectionStage.StartAsync();
        var (_, secret) = await stage.ConnectAsync();

        var id = await stage.EmitAsync(more: "\"subject\":\"order 7\",");

        var got = (await stage.Receiver.GotAsync(1))[0];
        WebhookSignature.Verify(
            [WebhookSecret.Read(secret)], got.Headers["webhook-id"], got.Headers["webhook-timestamp"], got.Headers["webhook-signature"], TimeProvider.System.GetUtcNow(), got.Body);
        Assert.Equal("workflow.complete", got.Json.GetProperty("type").GetString());
        Assert.Equal("step-1", got.Json.GetProperty("data").GetProperty("workflow_id").GetString());
        Assert.Equal(("1.0", id, "local.agent-a", "workflow.complete", "order%207"), (got.Headers["ce-specversion"], got.Headers["ce-id"], got.Headers["ce-source"], got.Headers["ce-type"], got.Headers["ce-subject"]));
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$", got.Headers["traceparent"]);
        Assert.Equal("application/json", got.Headers["content-type"]);
    }

    [Fact]
    public async Task What_was_not_taken_goes_out_again_under_the_same_id_for_three_days_of_trying()
    {
        var time = new FakeTimeProvider();
        await using var stage = await ConnectionStage.StartAsync(options => options.Connections.Timeout = TimeSpan.FromMinutes(1), time);
        stage.Hub.Log.Allow("is a dead letter");
        var (connection, _) = await stage.ConnectAsync();
        stage.Receiver.Status = 500;

        await stage.EmitAsync();
        for (var attempt = 1; attempt < 10; attempt++)
        {
            // Not before the attempt has ended: its own timeout runs on the same clock.
            var tried = await TriedAsync(stage, time, connection, attempt);
            time.Advance(tried.GetProperty("next_at").GetDateTimeOffset() - time.GetUtcNow() + TimeSpan.FromMilliseconds(1));
        }

        await TriedAsync(stage, time, connection, 10);
        Assert.Equal(1, await stage.CountAsync(connection, "dead"));
        Assert.Equal(10, stage.Receiver.Got.Count);
        Assert.Single(stage.Receiver.Got.Select(got => (got.Headers["webhook-id"], got.Text)).Distinct());
        Assert.Equal(10, stage.Receiver.Got.Select(got => got.Headers["webhook-timestamp"]).Distinct().Count());
        var list = await stage.DataAsync("GET", $"/api/deliveries?connection={connection}");
        var log = (await stage.DataAsync("GET", $"/api/deliveries/{list[0].GetProperty("id").GetString()}")).GetProperty("log");
        Assert.Equal(10, log.GetArrayLength());
        Assert.All(log.EnumerateArray(), attempt => Assert.Equal((500, "The receiver answered 500."), (attempt.GetProperty("status").GetInt32(), attempt.GetProperty("error").GetString())));
    }

    [Fact]
    public async Task A_dead_letter_is_replayed_alone_or_with_all_since()
    {
        await using var stage = await ConnectionStage.StartAsync(options => options.Connections.MaxAttempts = 1);
        stage.Hub.Log.Allow("is a dead letter");
        var (connection, _) = await stage.ConnectAsync();
        stage.Receiver.Next(500, times: 3);
        await stage.EmitAsync();
        await stage.EmitAsync();
        await stage.EmitAsync();
        await stage.UntilAsync(connection, "dead", 3);
        var ids = (await stage.DataAsync("GET", $"/api/deliveries?connection={connection}&status=dead")).EnumerateArray().Select(one => one.GetProperty("id").GetString()).ToList();

        await stage.DataAsync("POST", $"/api/deliveries/{ids[0]}/replay");
        await stage.UntilAsync(connection, "dead", 2);
        var replayed = await stage.DataAsync("POST", $"/api/agent-connections/{connection}/replay", """{"since":"2020-01-01T00:00:00Z"}""");
        await stage.UntilAsync(connection, "delivered", 3);

        Assert.Equal(2, replayed.GetProperty("count").GetInt64());
        Assert.Equal(ids.Order(), stage.Receiver.Got.Select(got => got.Headers["webhook-id"]).Distinct().Order());
        Assert.Equal(6, stage.Receiver.Got.Count);
    }

    [Theory]
    [InlineData(410, null)]
    [InlineData(200, "disable")]
    public async Task A_receiver_that_wants_no_more_is_not_called_and_nothing_is_lost(int status, string? word)
    {
        await using var stage = await ConnectionStage.StartAsync();
        stage.Hub.Log.Allow("dead letter");
        stage.Hub.Log.Allow("is disabled");
        var (connection, _) = await stage.ConnectAsync();
        stage.Receiver.Next(context =>
        {
            context.Response.StatusCode = status;
            if (word is not null)
            {
                context.Response.Headers["webhook-delivery"] = word;
            }
        });

        await stage.EmitAsync();
        await Deadline.UntilAsync(async () => await StatusAsync(stage, connection) == "disabled", "it is disabled");
        await stage.EmitAsync();
        await stage.UntilAsync(connection, "dead", 2);
        Assert.Single(stage.Receiver.Got);

        await stage.DataAsync("POST", $"/api/agent-connections/{connection}/resume");
        await stage.DataAsync("POST", $"/api/agent-connections/{connection}/replay", "{}");
        await stage.UntilAsync(connection, "delivered", 2);
        Assert.Equal(3, stage.Receiver.Got.Count);
    }

    [Fact]
    public async Task A_paused_connection_keeps_its_events_until_it_goes_on()
    {
        await using var stage = await ConnectionStage.StartAsync();
        var (connection, _) = await stage.ConnectAsync();
        await stage.DataAsync("POST", $"/api/agent-connections/{connection}/pause");

        await stage.EmitAsync();
        await stage.EmitAsync();
        await stage.UntilAsync(connection, "pending", 2);
        Assert.Empty(stage.Receiver.Got);
        await stage.DataAsync("POST", $"/api/agent-connections/{connection}/resume");

        await stage.Receiver.GotAsync(2);
        await stage.UntilAsync(connection, "delivered", 2);
    }

    [Fact]
    public async Task A_redirect_is_a_failure_and_is_not_followed()
    {
        await using var stage = await ConnectionStage.StartAsync(options => options.Connections.MaxAttempts = 1);
        stage.Hub.Log.Allow("is a dead letter");
        var (connection, _) = await stage.ConnectAsync();
        stage.Receiver.Next(context => context.Response.Redirect("/elsewhere"));

        await stage.EmitAsync();

        await stage.UntilAsync(connection, "dead", 1);
        Assert.Single(stage.Receiver.Got);
    }

    [Fact]
    public async Task Events_of_one_subject_wait_for_each_other_and_others_do_not()
    {
        var time = new FakeTimeProvider();
        await using var stage = await ConnectionStage.StartAsync(time: time);
        var (connection, _) = await stage.ConnectAsync("\"ordered\":true,");
        stage.Receiver.Next(503);

        await stage.EmitAsync("""{"n":1}""", more: "\"subject\":\"a\",");
        await stage.Receiver.GotAsync(1);
        await stage.EmitAsync("""{"n":2}""", more: "\"subject\":\"a\",");
        await stage.EmitAsync("""{"n":3}""", more: "\"subject\":\"b\",");
        await stage.Receiver.GotAsync(2);
        await Deadline.UntilAsync(() => Advanced(time, TimeSpan.FromSeconds(1)) && stage.Receiver.Got.Count == 4, "all came");

        Assert.Equal([1, 3, 1, 2], stage.Receiver.Got.Select(got => got.Json.GetProperty("data").GetProperty("n").GetInt32()));
        await stage.UntilAsync(connection, "delivered", 3);
    }

    [Fact]
    public async Task A_secret_is_put_in_when_a_delivery_leaves_and_stands_nowhere_else()
    {
        await using var stage = await ConnectionStage.StartAsync(options => options.Connections.MaxAttempts = 1);
        stage.Hub.Log.Allow("is a dead letter");
        var (connection, _) = await stage.ConnectAsync("""
            "auth":{"type":"bearer","token":"{{secrets.agent_b_token}}"},"headers":{"X-Team":"plain-value-7"},
            """);
        var view = await stage.DataAsync("GET", $"/api/agent-connections/{connection}");
        await stage.EmitAsync();
        await stage.UntilAsync(connection, "dead", 1);
        var dead = (await stage.DataAsync("GET", $"/api/deliveries?connection={connection}"))[0];

        await stage.DataAsync("PUT", "/api/secrets/agent_b_token", """{"value":"s3cret-marker"}""");
        await stage.DataAsync("POST", $"/api/deliveries/{dead.GetProperty("id").GetString()}/replay");
        await stage.UntilAsync(connection, "delivered", 1);

        Assert.Equal("There is no secret agent_b_token: parley secrets set agent_b_token.", dead.GetProperty("error").GetString());
        Assert.Equal("There is no secret agent_b_token: parley secrets set agent_b_token.", view.GetProperty("warnings")[0].GetString());
        Assert.Equal("***", view.GetProperty("config").GetProperty("headers").GetProperty("X-Team").GetString());
        Assert.Equal(("Bearer s3cret-marker", "plain-value-7"), (stage.Receiver.Got.Single().Headers["authorization"], stage.Receiver.Got.Single().Headers["x-team"]));
        Assert.DoesNotContain("s3cret-marker", (await stage.CallAsync("GET", "/api/secrets")).Json.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(stage.Hub.Log.Lines, line => line.Text.Contains("s3cret-marker", StringComparison.Ordinal) || line.Text.Contains("plain-value-7", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_a_secret_is_rotated_both_sign()
    {
        await using var stage = await ConnectionStage.StartAsync();
        var (connection, older) = await stage.ConnectAsync();

        var rotated = await stage.DataAsync("POST", $"/api/agent-connections/{connection}/rotate-secret", """{"overlap":3600}""");
        await stage.EmitAsync();

        var got = (await stage.Receiver.GotAsync(1))[0];
        foreach (var secret in new[] { older, rotated.GetProperty("secret").GetString()! })
        {
            WebhookSignature.Verify(
                [WebhookSecret.Read(secret)], got.Headers["webhook-id"], got.Headers["webhook-timestamp"], got.Headers["webhook-signature"], TimeProvider.System.GetUtcNow(), got.Body);
        }
    }

    [Fact]
    public async Task A_receiver_that_was_down_for_an_hour_gets_everything()
    {
        var time = new FakeTimeProvider();
        await using var stage = await ConnectionStage.StartAsync(options => options.Connections.Timeout = TimeSpan.FromMinutes(1), time);
        var (connection, _) = await stage.ConnectAsync();
        stage.Receiver.Status = 503;
        for (var number = 0; number < 40; number++)
        {
            await stage.EmitAsync($$"""{"n":{{number}}}""");
        }

        var until = time.GetUtcNow() + TimeSpan.FromHours(1);
        await Deadline.UntilAsync(
            async () =>
            {
                // Not while an attempt is under way: to this receiver an hour is a second of the machine's.
                time.Advance(await AttemptsAsync(stage, connection) == stage.Receiver.Got.Count ? TimeSpan.FromSeconds(5) : TimeSpan.Zero);
                return time.GetUtcNow() > until;
            },
            "an hour");
        var tried = stage.Receiver.Got.Count;
        stage.Receiver.Status = 204;
        await Deadline.UntilAsync(async () => Advanced(time, TimeSpan.FromSeconds(5)) && await stage.CountAsync(connection, "delivered") == 40, "all were taken");

        Assert.Equal(40, Numbers(stage, tried).Distinct().Count());
        Assert.InRange(tried, 10, 150);
    }

    private static async Task<JsonElement> TriedAsync(ConnectionStage stage, FakeTimeProvider time, string connection, int attempts)
    {
        JsonElement one = default;
        await Deadline.UntilAsync(
            async () =>
            {
                // A sleep that began amid a long step of the clock may reach beyond it.
                time.Advance(TimeSpan.FromMilliseconds(stage.Receiver.Got.Count < attempts ? 500 : 0));
                one = (await stage.DataAsync("GET", $"/api/deliveries?connection={connection}"))[0];
                return one.GetProperty("attempts").GetInt32() == attempts;
            },
            $"{attempts} attempts");
        return one;
    }

    private static async Task<int> AttemptsAsync(ConnectionStage stage, string connection) =>
        (await stage.DataAsync("GET", $"/api/deliveries?connection={connection}&limit=100")).EnumerateArray().Sum(one => one.GetProperty("attempts").GetInt32());

    private static IEnumerable<int> Numbers(ConnectionStage stage, int after) => stage.Receiver.Got.Skip(after).Select(got => got.Json.GetProperty("data").GetProperty("n").GetInt32());

    private static bool Advanced(FakeTimeProvider time, TimeSpan by)
    {
        time.Advance(by);
        return true;
    }

    private static async Task<string?> StatusAsync(ConnectionStage stage, string connection) =>
        (await stage.DataAsync("GET", $"/api/agent-connections/{connection}")).GetProperty("status").GetString();
}
