using Microsoft.Extensions.Logging;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Webhooks;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Schedules;

/// <summary>Runs schedules when their time has come: the event of a run, the deliveries that it brings and the schedule's next tick are one commit, so each tick runs once, whatever is killed when.</summary>
/// <remarks>The store is the plan. A sleep is short enough that a clock that jumps does little harm.</remarks>
internal sealed partial class ScheduleService : IAsyncDisposable
{
    private const int Batch = 100;
    private const int MaxTries = 10;

    private static readonly TimeSpan _longestSleep = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _retryAfter = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ScheduleStore _schedules;
    private readonly ConnectionRegistry _connections;
    private readonly EventIntake _intake;
    private readonly AgentRegistry _agents;
    private readonly SqliteStore _store;
    private readonly ConnectionOptions _options;
    private readonly TimeProvider _time;
    private readonly FillRandom _random;
    private readonly ILogger<ScheduleService> _logger;
    private volatile TaskCompletionSource _news = NewNews();
    private Task _running = Task.CompletedTask;
    private long _runs;

    /// <summary>The schedules of one hub.</summary>
    public ScheduleService(
        ScheduleStore schedules, ConnectionRegistry connections, EventIntake intake, AgentRegistry agents, SqliteStore store, ConnectionOptions options, TimeProvider time, FillRandom random,
        ILogger<ScheduleService> logger)
    {
        (_schedules, _connections, _intake, _agents, _store) = (schedules, connections, intake, agents, store);
        (_options, _time, _random, _logger) = (options, time, random, logger);
    }

    /// <summary>Runs since the start.</summary>
    public long Runs => Interlocked.Read(ref _runs);

    /// <summary>Begins to run what is due.</summary>
    public void Begin() => _running = Task.Run(LoopAsync);

    /// <summary>Keeps a new schedule.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="target">Who gets its message; null when it has none.</param>
    /// <param name="cancellationToken">Heeded until it is written.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.MessageTooLarge"/>.</exception>
    public async Task<Schedule> AddAsync(Schedule schedule, AgentAddress? target, CancellationToken cancellationToken)
    {
        Check(schedule);
        if (target is { } to)
        {
            schedule = schedule with { ConnectionId = (await ConnectAsync(schedule, to, cancellationToken)).Id };
        }

        var isKept = await _store.WriteAsync(
            connection =>
            {
                var hasRoom = ScheduleStore.CountOf(connection, schedule.Owner) < _options.MaxSchedules;
                if (hasRoom)
                {
                    ScheduleStore.Put(connection, schedule);
                }

                return hasRoom;
            },
            cancellationToken);
        if (!isKept)
        {
            await DisconnectAsync(schedule, cancellationToken);
            throw new ParleyException(ErrorCode.InvalidArgument, $"An owner has at most {_options.MaxSchedules} schedules (the limit schedules).");
        }

        Wake();
        return schedule;
    }

    /// <summary>Changes a schedule; a run that comes in between is not lost.</summary>
    /// <param name="id">Which.</param>
    /// <param name="change">Makes the new state of the old one.</param>
    /// <param name="cancellationToken">Heeded until it is written.</param>
    /// <returns>Null when it is gone.</returns>
    public async Task<Schedule?> UpdateAsync(string id, Func<Schedule, Schedule> change, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxTries && await _schedules.FindAsync(id, cancellationToken) is { } old; attempt++)
        {
            var changed = change(old);
            Check(changed);
            var isWritten = await _store.WriteAsync(
                connection =>
                {
                    var isSame = ScheduleStore.TryAdvance(connection, old, old);
                    if (isSame)
                    {
                        ScheduleStore.Put(connection, changed);
                    }

                    return isSame;
                },
                cancellationToken);
            if (isWritten)
            {
                Wake();
                return changed;
            }
        }

        return null;
    }

    /// <summary>Deletes a schedule, and what waits of its message.</summary>
    public async Task DeleteAsync(Schedule schedule, CancellationToken cancellationToken)
    {
        await DisconnectAsync(schedule, cancellationToken);
        await _store.WriteAsync(connection => ScheduleStore.Delete(connection, schedule.Id), cancellationToken);
    }

    /// <summary>Runs a schedule now, beside its ticks.</summary>
    /// <param name="which">Which.</param>
    /// <param name="hops">How long the chain is that the run follows from.</param>
    /// <param name="cancellationToken">Heeded until it is written.</param>
    /// <returns>The event's id; null when the schedule is gone.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RateLimited"/>.</exception>
    public async Task<string?> RunNowAsync(Schedule which, int hops, CancellationToken cancellationToken)
    {
        _intake.Admit(which.Owner);
        for (var attempt = 0; attempt < MaxTries && await _schedules.FindAsync(which.Id, cancellationToken) is { } schedule; attempt++)
        {
            if (await RunAsync(schedule, schedule with { Runs = schedule.Runs + 1 }, null, 0, hops, cancellationToken) is { } done)
            {
                return done;
            }
        }

        return null;
    }

    /// <summary>Deletes what is over: schedules of agents that are gone, those that are done, and connections that a schedule left behind.</summary>
    public async Task ExpireAsync()
    {
        await _schedules.DeleteGoneAsync(_time.GetUtcNow() - _options.DeliveryRetention);
        foreach (var connection in _connections.List(null).Where(connection => connection.CreatedBy.StartsWith(Creator, StringComparison.Ordinal)))
        {
            if (await _schedules.FindAsync(connection.CreatedBy[Creator.Length..], _stopping.Token) is null && _time.GetUtcNow() - connection.CreatedAt > _longestSleep)
            {
                await _connections.DeleteAsync(connection.Id, _stopping.Token);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    // Who made a connection, when a schedule did.
    private const string Creator = "schedule ";

    private static TaskCompletionSource NewNews() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Wake() => _news.TrySetResult();

    private async Task LoopAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            _news = NewNews();
            var (news, sleep) = (_news.Task, _retryAfter);
            try
            {
                await RunDueAsync();
                var next = await _schedules.NextDueAsync(_stopping.Token) - _time.GetUtcNow() ?? _longestSleep;
                sleep = TimeSpan.FromTicks(Math.Clamp(next.Ticks, TimeSpan.TicksPerMillisecond, _longestSleep.Ticks));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (StoreUnavailableException)
            {
                // The store says so in the log.
            }
            catch (Exception exception)
            {
                LogFailed(exception);
            }

            await news.WaitAsync(sleep, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunDueAsync()
    {
        await FollowClockAsync();
        List<Schedule> due;
        do
        {
            due = await _schedules.DueAsync(_time.GetUtcNow(), Batch, _stopping.Token);
            foreach (var schedule in due)
            {
                var tick = ScheduleTick.Of(schedule, _time.GetUtcNow());
                var after = schedule.Ran(tick.Last, tick.Next, schedule.Runs + (tick.Run is null ? 0 : 1));
                if (tick.Run is null)
                {
                    LogMissed(schedule.Id);
                    await _store.WriteAsync(connection => ScheduleStore.TryAdvance(connection, schedule, after), _stopping.Token);
                }
                else
                {
                    await RunAsync(schedule, after, tick.Run, tick.Missed, schedule.Hops, _stopping.Token);
                }
            }
        }
        while (due.Count == Batch || due.Exists(schedule => schedule.Missed == MissedPolicy.All));
    }

    // Ticks of a future that is none any more hold nothing up.
    private async Task FollowClockAsync()
    {
        var now = _time.GetUtcNow();
        foreach (var schedule in await _schedules.RanAfterAsync(now + ScheduleTick.ClockBack, _stopping.Token))
        {
            if (ScheduleTick.AfterClockWentBack(schedule, now) is { } next)
            {
                LogClock(schedule.Id);
                await _store.WriteAsync(connection => ScheduleStore.TryAdvance(connection, schedule, schedule with { NextAt = next, LastAt = null }), _stopping.Token);
            }
        }
    }

    // The event's id is the run's: null when somebody else did the run.
    private async Task<string?> RunAsync(Schedule schedule, Schedule after, DateTimeOffset? tick, int missed, int hops, CancellationToken cancellationToken)
    {
        if (_agents.Find(schedule.AgentId) is not { } agent)
        {
            await _store.WriteAsync(connection => ScheduleStore.TryAdvance(connection, schedule, schedule with { Status = ScheduleStatus.Done, NextAt = null }), cancellationToken);
            return null;
        }

        var told = _intake.Prepare(EventOf(schedule, agent.Address, after.Runs, tick, missed) with { Hops = hops });
        var isRun = await _store.WriteAsync(
            connection =>
            {
                var isNext = ScheduleStore.TryAdvance(connection, schedule, after);
                if (isNext)
                {
                    told.Insert(connection);
                }

                return isNext;
            },
            cancellationToken);
        if (!isRun)
        {
            return null;
        }

        Interlocked.Increment(ref _runs);
        told.Publish();
        return told.Event.Id;
    }

    private static NewEvent EventOf(Schedule schedule, AgentAddress source, long number, DateTimeOffset? tick, int missed) =>
        new(source, EventType.ScheduleExecuted, schedule.EventData(tick, number, missed)) { Id = $"{schedule.Id}-{number}", Subject = schedule.Name, TraceParent = schedule.TraceParent };

    // What could not be told later is refused now.
    private void Check(Schedule schedule) => _intake.Prepare(EventOf(schedule, new AgentAddress(schedule.Owner, CallerAddresses.Hub), long.MaxValue, _time.GetUtcNow(), int.MaxValue));

    private async Task<Connection> ConnectAsync(Schedule schedule, AgentAddress target, CancellationToken cancellationToken)
    {
        var source = (_agents.Find(schedule.AgentId) ?? throw new ParleyException(ErrorCode.AgentUnknown, "There is no such agent for you.")).Address;
        var filter = EventJson.Object(json => json.WriteString("schedule_id", schedule.Id));
        var config = new ConnectionConfig(null, [EventType.ScheduleExecuted.Text], filter, null, true);
        var made = new Connection
        {
            Id = "conn_" + EnvelopeId.Make(_random).Value,
            Owner = schedule.Owner,
            SourceName = source.Name,
            Target = target,
            Kind = ConnectionKind.Direct,
            Config = config,
            Secrets = new EndpointSecrets(WebhookSecret.Make(_random), null, null, null, new Dictionary<string, string>()),
            Selection = Connection.Compile(schedule.Owner, source.Name, config),
            CreatedBy = Creator + schedule.Id,
            CreatedAt = schedule.CreatedAt,
            UpdatedAt = schedule.CreatedAt,
        };
        await _connections.AddAsync(made, cancellationToken);
        return made;
    }

    private async Task DisconnectAsync(Schedule schedule, CancellationToken cancellationToken)
    {
        if (schedule.ConnectionId is { } id && _connections.Find(id) is not null)
        {
            await _connections.DeleteAsync(id, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "Schedule {Schedule}: ticks that were missed are left out")]
    private partial void LogMissed(string schedule);

    [LoggerMessage(LogLevel.Warning, "Schedule {Schedule}: the clock went back; it goes on from the time that is now")]
    private partial void LogClock(string schedule);

    [LoggerMessage(LogLevel.Error, "A step of the schedules failed")]
    private partial void LogFailed(Exception exception);
}
