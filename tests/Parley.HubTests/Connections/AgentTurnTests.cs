using System.Text;
using System.Text.Json;
using Parley.Hub;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Protocol.Management;
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
