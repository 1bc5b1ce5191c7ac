using Microsoft.Extensions.Logging;
using Parley.Hub.AgentApi.Tasks;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Log;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Connections.Schedules;
using Parley.Hub.Connections.Secrets;
using Parley.Hub.Connections.State;
using Parley.Hub.Identity;
using Parley.Hub.Messaging.Budgets;
using Parley.Hub.Telemetry;

namespace Parley.Hub;

/// <summary>Ties connections to what brings them events, and goes on with deliveries; the part of the hub's life that is theirs.</summary>
internal sealed partial class ConnectionLife(
    ConnectionRegistry connections, SecretStore secrets, EventIntake intake, EventAudience audience, MessageEvents messages, DeliveryStore deliveries, Dispatcher dispatcher, ConnectionNodes nodes,
    StateStore states, ScheduleService schedules, AgentBudgets budgets, Audit audit, MessageLog log, OpenTasks tasks, ConnectionOptions options, TimeProvider time, ILogger<ConnectionLife> logger)
{
    /// <summary>Reads what memory must know, before the doors open.</summary>
    public async Task PrepareAsync(HubMetrics metrics, CancellationToken cancellationToken)
    {
        await secrets.LoadAsync(cancellationToken);
        await connections.LoadAsync(cancellationToken);
        await budgets.LoadAsync(cancellationToken);
        budgets.Paused = async (agent, reason) =>
        {
            await audit.WriteAsync(CallerAddresses.HubOf(agent.Owner).ToString(), "budget.paused", agent.ToString(), reason, "hub", CancellationToken.None);
            await intake.TellOwnerAsync(agent.Owner, EventType.AgentPaused, agent.ToString(), [("agent_id", agent.ToString()), ("reason", reason)], CancellationToken.None);
        };
        intake.ChainStopped = stopped => _ = TellStoppedAsync(stopped);
        intake.Deliver = dispatcher.Take;
        await nodes.StartAsync(cancellationToken);
        log.Arrived = messages.Received;
        tasks.Ends = end => intake.IsWanted(end.Agent, end.Type) ? intake.Prepare(end.ToEvent(options.MaxEventBytes)) : null;
        metrics.AddGauge("parley.connections", "Connections between agents", () => connections.Count);
        metrics.AddGauge("parley.event.streams", "Readers that follow events", () => audience.Count);
        metrics.AddCounter("parley.events", "Events that were taken", () => intake.Taken);
        metrics.AddGauge("parley.agents.paused", "Agents that did more than their budgets allow", () => budgets.PausedCount);
        metrics.AddCounter("parley.schedule.runs", "Runs of schedules", () => schedules.Runs);
        metrics.AddCounter("parley.deliveries", "Deliveries that were taken", () => dispatcher.Delivered);
        metrics.AddCounter("parley.delivery.failures", "Attempts to deliver that failed", () => dispatcher.Failed);
        metrics.AddCounter("parley.deliveries.dead", "Deliveries that became dead letters", () => dispatcher.Buried);
    }

    /// <summary>Goes on with what waits since before the start.</summary>
    public async Task ResumeAsync()
    {
        await dispatcher.ResumeAsync();
        schedules.Begin();
    }

    /// <summary>Reads connections again whose agents have another name.</summary>
    public Task ReloadAsync() => connections.LoadAsync(CancellationToken.None);

    /// <summary>Lets readers go who wait for events.</summary>
    public void EndWaits() => audience.Stop();

    /// <summary>Lets attempts to deliver end that are under way, for <paramref name="span"/> at most, and begins no more.</summary>
    public async Task DrainAsync(TimeSpan span, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(span, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await dispatcher.DrainAsync(either.Token);
    }

    /// <summary>Deletes what is due.</summary>
    public async Task ExpireAsync()
    {
        await states.DeleteGoneAsync();
        await schedules.ExpireAsync();
        await budgets.ExpireAsync();
        var now = time.GetUtcNow();
        while (await deliveries.ExpireAsync(now - options.DeliveryRetention, now - options.DeadLetterRetention, now - options.EventRetention) > 0)
        {
            // A thousand at a time, so that others come between.
        }
    }

    // One that was stopped is told of once; the dead letters say the rest.
    private async Task TellStoppedAsync(StoredEvent stopped)
    {
        try
        {
            await Task.Yield();
            var (owner, trace) = (stopped.Source.Owner, stopped.TraceParent.Split('-')[1]);
            LogChain(owner, trace);
            await audit.WriteAsync(CallerAddresses.HubOf(owner).ToString(), "chain.stopped", stopped.Source.ToString(), trace, "hub", CancellationToken.None);
            await intake.TellOwnerAsync(owner, EventType.ChainStopped, trace, [("trace_id", trace), ("event_id", stopped.Id), ("event_type", stopped.Type.Text), ("event_source", stopped.Source.ToString())], CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A chain of events of {Owner} is stopped: trace {Trace}")]
    private partial void LogChain(string owner, string trace);

    [LoggerMessage(LogLevel.Error, "A chain of events was stopped, which could not be written down")]
    private partial void LogFailed(Exception exception);
}
