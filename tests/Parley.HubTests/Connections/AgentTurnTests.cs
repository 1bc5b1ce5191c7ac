using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Parley.Hub;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Protocol.Management;
using Parley.Sqlite;
using Parley.Testing;

namespace Parley.HubTests.Connections;

/// <summary>What connections bring to agents, and what becomes of the room that it takes.</summary>
public sealed class AgentTurnTests : IAsyncDisposable
{
    private HubFixture _hub = null!;
    private EnrolledAgent _source = null!;
    private EnrolledAgent _target = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task Replies_to_webhooks_which_nobody_reads_take_no_room_from_turns()
    {
        await StartAsync(options => options.Messaging.DeliveryWindow = 2);
        await _hub.ConnectListenerAsync(_target, (_, _) => Task.FromResult("ok"), cancellationToken: Stop);
        var webhooks = await ConnectAsync("webhook", "workflow.complete");
        var turns = await ConnectAsync("direct", "workflow.error");

        for (var number = 1; number <= 20; number++)
        {
            await EmitAsync("workflow.complete");
            await UntilAsync(webhooks, DeliveryState.Delivered, number);
        }

        await EmitAsync("workflow.error");

        await UntilAsync(turns, DeliveryState.Delivered, 1);
    }

    [Fact]
    public async Task What_the_store_could_not_give_up_is_given_up_when_it_writes_again()
    {
        await StartAsync(_ => { });
        _hub.Log.Allow("Store cannot write");
        _hub.Log.Allow("since it is disabled");
        var connection = await ConnectAsync("direct", "workflow.complete");
        await SetAsync(connection, ConnectionStatus.Paused);
        await EmitAsync("workflow.complete");
        await UntilAsync(connection, DeliveryState.Pending, 1);
        await ExecuteAsync("CREATE TRIGGER held_up BEFORE UPDATE OF state ON deliveries BEGIN SELECT RAISE(ROLLBACK, 'full'); END");

        await SetAsync(connection, ConnectionStatus.Disabled);
        await Deadline.UntilAsync(() => _hub.Log.ToString().Contains("Store cannot write", StringComparison.Ordinal), "a write fails");
        await ExecuteAsync("DROP TRIGGER held_up");

        await UntilAsync(connection, DeliveryState.Dead, 1);
    }

    private Task SetAsync(string connection, ConnectionStatus status) => _hub.Get<ConnectionRegistry>().SetStatusAsync(connection, status, string.Empty, Stop);

    private Task ExecuteAsync(string sql) => _hub.Get<SqliteStore>().WriteAsync(
        connection =>
        {
            using var command = new SqliteCommand(sql, connection);
            command.Transaction = null;
            command.ExecuteNonQuery();
        },
        Stop);

    private async Task StartAsync(Action<HubOptions> configure)
    {
        _hub = await HubFixture.StartAsync(configure);
        _source = await _hub.EnrolAsync("agent-a");
        _target = await _hub.EnrolAsync("agent-b");
    }

    private async Task<string> ConnectAsync(string type, string told)
    {
        var made = await CallAsync(
            Principal.Admin, "connections.create", $$$"""{"source_agent_id":"acme.agent-a","target_agent_id":"acme.agent-b","connection_type":"{{{type}}}","config":{"events":["{{{told}}}"]}}""");
        return JsonSerializer.Deserialize(made, ManagementJson.Answers.ItemConnectionView)!.Data.Id;
    }

    private Task EmitAsync(string type) => CallAsync(Principal.Of(_source.Address), "events.emit", $$$"""{"type":"{{{type}}}","data":{}}""");

    private Task<byte[]> CallAsync(Principal caller, string operation, string arguments) =>
        _hub.Get<Operations>().InvokeAsync(caller, operation, Encoding.UTF8.GetBytes(arguments), "test", Stop);

    private Task UntilAsync(string connection, DeliveryState state, int count) => Deadline.UntilAsync(
        async () => (await _hub.Get<DeliveryReader>().ListAsync(null, connection, state, 10, 0)).Total == count, $"{count} deliveries are {state}");
}
