using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Parley.Hub.Outbound;
using Parley.Testing;
using Parley.Testing.Connections;

namespace Parley.HubTests.Connections;

public sealed class StrangeReceiverTests
{
    [Fact]
    public async Task One_that_breaks_off_or_says_nothing_is_tried_again()
    {
        var (time, timeout) = (new FakeTimeProvider(), TimeSpan.FromMinutes(1));
        await using var stage = await ConnectionStage.StartAsync(
            options =>
            {
                options.Connections.MaxAttempts = 1;
                options.Connections.Timeout = timeout;
            },
            time);
        stage.Hub.Log.Allow("is a dead letter");
        var (connection, _) = await stage.ConnectAsync();
        var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stage.Receiver.Next(context => context.Abort());
        await stage.EmitAsync();
        await stage.UntilAsync(connection, "dead", 1);
        stage.Receiver.Next(context =>
        {
            came.SetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await stage.EmitAsync();
        await came.Task.WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);
        time.Advance(timeout);
        await stage.UntilAsync(connection, "dead", 2);

        var errors = (await stage.DataAsync("GET", $"/api/deliveries?connection={connection}")).EnumerateArray().Select(one => one.GetProperty("error").GetString());
        Assert.Equal(["The address that was called did not answer in time.", "The receiver cannot be reached, or broke off."], errors);
    }

    [Fact]
    public async Task One_that_lies_about_the_length_of_its_answer_has_taken_it_all_the_same()
    {
        await using var stage = await ConnectionStage.StartAsync();
        var (connection, _) = await stage.ConnectAsync();
        stage.Receiver.Next(async context =>
        {
            context.Response.StatusCode = 200;
            context.Response.ContentLength = 1L << 40;
            await context.Response.WriteAsync("short");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });

        await stage.EmitAsync();
        await stage.EmitAsync();

        await stage.UntilAsync(connection, "delivered", 2);
    }

    [Fact]
    public async Task One_that_gives_its_answer_away_a_byte_at_a_time_has_no_more_time_than_others()
    {
        await using var stage = await ConnectionStage.StartAsync(options =>
        {
            options.Connections.MaxAttempts = 1;
            options.Connections.Timeout = TimeSpan.FromSeconds(1);
        });
        stage.Hub.Log.Allow("is a dead letter");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var ending = new CancellationTokenSource();
        var dripping = DripAsync(listener, ending.Token);
        var made = await stage.DataAsync("POST", "/api/agent-connections", $$$"""{"source_agent_id":"agent-a","config":{"url":"http://127.0.0.1:{{{((IPEndPoint)listener.LocalEndpoint).Port}}}/"}}""");

        await stage.EmitAsync();
        await stage.UntilAsync(made.GetProperty("id").GetString()!, "dead", 1);

        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => dripping);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_puts_nothing_off()
    {
        var time = new FakeTimeProvider();
        await using var stage = await ConnectionStage.StartAsync(time: time);
        var (connection, _) = await stage.ConnectAsync();
        stage.Receiver.Next(503);
        await stage.EmitAsync();
        await stage.Receiver.GotAsync(1);
        await Deadline.UntilAsync(async () => (await stage.DataAsync("GET", $"/api/deliveries?connection={connection}"))[0].GetProperty("attempts").GetInt32() == 1, "one attempt");

        time.Jump(TimeSpan.FromHours(-1));
        await stage.EmitAsync();
        await Deadline.UntilAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(500));
                return await stage.CountAsync(connection, "delivered") == 2;
            },
            "both were taken");

        Assert.InRange(time.GetUtcNow(), new FakeTimeProvider().GetUtcNow() - TimeSpan.FromHours(1), new FakeTimeProvider().GetUtcNow() - TimeSpan.FromMinutes(50));
    }

    private static async Task DripAsync(TcpListener listener, CancellationToken cancellationToken)
    {
        using var client = await listener.AcceptTcpClientAsync(cancellationToken);
        foreach (var one in Encoding.ASCII.GetBytes("HTTP/1.1 204 No Content\r\nx-slow: " + new string('x', 100_000)))
        {
            await client.GetStream().WriteAsync(new[] { one }, cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    [Fact]
    public async Task An_address_inside_the_hubs_network_is_not_called_whatever_its_name()
    {
        await using var stage = await ConnectionStage.StartAsync(options =>
        {
            options.Connections.MaxAttempts = 1;
            options.Outbound.Allowed = OutboundAllowList.None;
        });
        stage.Hub.Log.Allow("is a dead letter");
        var url = stage.Receiver.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

        var made = await stage.DataAsync("POST", "/api/agent-connections", $$$"""{"source_agent_id":"agent-a","config":{"url":"{{{url}}}"}}""");
        await stage.EmitAsync();

        var connection = made.GetProperty("id").GetString()!;
        await stage.UntilAsync(connection, "dead", 1);
        Assert.Contains("not public", (await stage.DataAsync("GET", $"/api/deliveries?connection={connection}"))[0].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Empty(stage.Receiver.Got);
    }

    [Fact]
    public async Task An_event_that_is_too_large_is_refused_whole()
    {
        await using var stage = await ConnectionStage.StartAsync();

        var (status, json) = await stage.CallAsync("POST", "/api/events", $$$"""{"source":"agent-a","type":"custom.large","data":{"text":"{{{new string('x', 65_536)}}}"}}""");

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "message.too_large"), (status, json.GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_renamed_agent_keeps_its_connections()
    {
        await using var stage = await ConnectionStage.StartAsync();
        var (connection, _) = await stage.ConnectAsync();

        await stage.DataAsync("POST", "/api/agents/local.agent-a/rename", """{"name":"agent-new"}""");
        await Deadline.UntilAsync(
            async () => (await stage.DataAsync("GET", $"/api/agent-connections/{connection}")).GetProperty("source_agent_id").GetString() == "local.agent-new", "it follows the agent");
        await stage.DataAsync("POST", "/api/events", """{"source":"agent-new","type":"workflow.complete"}""");

        await stage.UntilAsync(connection, "delivered", 1);
    }
}
