using Parley.Hub.AgentApi.Tasks;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Log;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Connections.Secrets;
using Parley.Hub.Telemetry;

namespace Parley.Hub;

/// <summary>Ties connections to what brings them events, and goes on with deliveries; the part of the hub's life that is theirs.</summary>
internal sealed class ConnectionLife(
    ConnectionRegistry connections, SecretStore secrets, EventIntake intake, EventAudience audience, MessageEvents messages, DeliveryStore deliveries, Dispatcher dispatcher, ConnectionNodes nodes,
    MessageLog log, OpenTasks tasks, ConnectionOptions options, TimeProvider time)
{
    /// <summary>Reads what memory must know, before the doors open.</summary>
    public async Task PrepareAsync(HubMetrics metrics, CancellationToken cancellationToken)
    {
        await secrets.LoadAsync(cancellationToken);
        await connections.LoadAsync(cancellationToken);
        intake.Wake = dispatcher.Wake;
        await nodes.StartAsync(cancellationToken);
        log.Arrived = messages.Received;
        tasks.Ends = end => intake.IsWanted(end.Agent, end.Type) ? intake.Prepare(end.ToEvent(options.MaxEventBytes)) : null;
        metrics.AddGauge("parley.connections", "Connections between agents", () => connections.Count);
        metrics.AddGauge("parley.event.streams", "Readers that follow events", () => audience.Count);
        metrics.AddCounter("parley.events", "Events that were taken", () => intake.Taken);
        metrics.AddCounter("parley.deliveries", "Deliveries that were taken", () => dispatcher.Delivered);
        metrics.AddCounter("parley.delivery.failures", "Attempts to deliver that failed", () => dispatcher.Failed);
        metrics.AddCounter("parley.deliveries.dead", "Deliveries that became dead letters", () => dispatcher.Buried);
    }

    /// <summary>Goes on with what waits since before the start.</summary>
    public Task ResumeAsync() => dispatcher.ResumeAsync();

    /// <summary>Reads connections again whose agents have another name.</summary>
    public Task ReloadAsync() => connections.LoadAsync(CancellationToken.None);

    /// <summary>Lets readers go who wait for events.</summary>
    public void EndWaits() => audience.Stop();

    /// <summary>Deletes what is due.</summary>
    public async Task ExpireAsync()
    {
        var now = time.GetUtcNow();
        while (await deliveries.ExpireAsync(now - options.DeliveryRetention, now - options.DeadLetterRetention, now - options.EventRetention) > 0)
        {
            // A thousand at a time, so that others come between.
        }
    }
}
