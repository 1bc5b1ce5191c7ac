using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Hub;
using Parley.Hub.Backplane;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Hub.Outbound;
using Parley.Hub.Storage;
using Parley.Protocol.Management;
using Parley.Sqlite;
using Parley.Testing;
using Parley.Testing.Connections;

namespace Parley.HubTests.Connections;

/// <summary>Two nodes of one hub, on one store: what is to be delivered is delivered by one of them.</summary>
public sealed class TwoNodesDeliveryTests
{
    private const int Events = 200;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_delivery_goes_out_once_whichever_node_took_the_event_and_also_when_one_stops()
    {
        using var folder = new TempFolder();
        await using var store = SqliteStore.Open(
            new SqliteStoreOptions { File = folder.PathOf("hub.db"), Durability = Durability.Normal }, HubSchema.Migrations, NullLogger.Instance, TimeProvider.System);
        await using var receiver = await WebhookReceiver.StartAsync();
        var parts = new HubParts(store, new MemoryBackplane());
        await using var near = await HubFixture.StartNodeAsync(null, parts, Configure);
        await using var far = await HubFixture.StartNodeAsync(near, parts, Configure);
        var agent = await near.EnrolAsync("agent-a");
        await Deadline.UntilAsync(() => far.Get<AgentRegistry>().Find(agent.Address) is not null, "the other node knows the agent");
        var made = await InvokeAsync(near, "connections.create", $$$"""{"source_agent_id":"acme.agent-a","config":{"url":"{{{receiver.Url}}}"}}""");
        var connection = JsonSerializer.Deserialize(made, ManagementJson.Answers.ItemConnectionView)!.Data.Id;
        await Deadline.UntilAsync(() => far.Get<ConnectionRegistry>().Find(connection) is not null, "the other node knows the connection");

        await Task.WhenAll(Enumerable.Range(0, Events).Select(number => EmitAsync(number % 2 == 0 ? near : far, number)));
        await receiver.GotAsync(Events);
        var (holder, other) = near.Get<DeliveryLeases>().Holds(connection) ? (near, far) : (far, near);
        await holder.Get<Dispatcher>().DrainAsync(Stop);
        await holder.Get<Dispatcher>().DisposeAsync();
        await EmitAsync(other, Events);
        await receiver.GotAsync(Events + 1);
        await InvokeAsync(other, "connections.delete", $$"""{"id":"{{connection}}"}""");
        await Deadline.UntilAsync(() => holder.Get<ConnectionRegistry>().Find(connection) is null, "the deletion is known");

        Assert.Equal(Events + 1, receiver.Got.Count);
        Assert.Equal(Events + 1, receiver.Got.Select(got => got.Headers["webhook-id"]).Distinct().Count());
    }

    [Fact]
    public async Task A_delivery_that_is_under_way_when_a_node_drains_is_finished_there()
    {
        using var folder = new TempFolder();
        await using var store = SqliteStore.Open(
            new SqliteStoreOptions { File = folder.PathOf("hub.db"), Durability = Durability.Normal }, HubSchema.Migrations, NullLogger.Instance, TimeProvider.System);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var hub = await HubFixture.StartNodeAsync(null, new HubParts(store, new MemoryBackplane()), Configure);
        await hub.EnrolAsync("agent-a");
        await InvokeAsync(hub, "connections.create", $$$"""{"source_agent_id":"acme.agent-a","config":{"url":"{{{receiver.Url}}}"}}""");
        var (came, mayAnswer) = (new TaskCompletionSource(), new TaskCompletionSource());
        receiver.Next(_ =>
        {
            came.SetResult();
            return mayAnswer.Task;
        });

        await EmitAsync(hub, 1);
        await came.Task.WaitAsync(Stop);
        var drained = hub.Get<Dispatcher>().DrainAsync(Stop);
        await EmitAsync(hub, 2);
        mayAnswer.SetResult();
        await drained;
        await hub.Get<Dispatcher>().DisposeAsync();

        Assert.Equal(1, hub.Get<Dispatcher>().Delivered);
        Assert.Single(receiver.Got);
        Assert.Single(await hub.Get<DeliveryReader>().WaitingAsync());
    }

    private static void Configure(HubOptions options) => options.Outbound.Allowed = OutboundAllowList.Parse(["127.0.0.1"]);

    private static Task<byte[]> EmitAsync(HubFixture hub, int number) =>
        InvokeAsync(hub, "events.emit", $$$"""{"source":"acme.agent-a","type":"custom.one","data":{"n":{{{number}}}}}""");

    private static Task<byte[]> InvokeAsync(HubFixture hub, string operation, string json) =>
        hub.Get<Operations>().InvokeAsync(Principal.Admin, operation, Encoding.UTF8.GetBytes(json), "test", Stop);
}
