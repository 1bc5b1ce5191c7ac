using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Webhooks;
using Parley.Protocol.Messaging;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Outbox;

/// <summary>Sends what waits in the store to its connections, tries again what failed, and writes down what became of it.</summary>
/// <remarks>
/// The store is the queue: memory holds the numbers of a few rows for each connection, and finds the rest there after a restart. A delivery is sent, then written, so a crash in between sends it
/// again under the same id. Nothing is deleted unsent: a paused connection's deliveries wait, a disabled one's become dead letters.
/// </remarks>
internal sealed partial class Dispatcher : IAsyncDisposable
{
    private const int Batch = 32;

    private static readonly TimeSpan _retryStoreAfter = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, EndpointQueue> _queues = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _cutting = new();
    private readonly RunningWork _running = new();
    private readonly ConnectionRegistry _connections;
    private readonly EventIntake _intake;
    private readonly DeliveryStore _store;
    private readonly DeliveryReader _reader;
    private readonly DeliveryLeases _leases;
    private readonly SteadyClock _clock;
    private readonly IDeliveryRoute[] _routes;
    private readonly ConnectionOptions _options;
    private readonly TimeProvider _time;
    private readonly FillRandom _random;
    private readonly ILogger<Dispatcher> _logger;
    private Task? _ended;
    private long _delivered;
    private long _failed;
    private long _buried;

    /// <summary>The dispatcher of one hub.</summary>
    public Dispatcher(
        ConnectionRegistry connections, EventIntake intake, DeliveryStore store, DeliveryReader reader, DeliveryLeases leases, IEnumerable<IDeliveryRoute> routes,
        ConnectionOptions options, TimeProvider time, FillRandom random, ILogger<Dispatcher> logger)
    {
        (_connections, _intake, _store, _reader, _leases, _routes) = (connections, intake, store, reader, leases, [.. routes]);
        (_options, _time, _clock, _random, _logger) = (options, time, new SteadyClock(time), random, logger);
    }

    /// <summary>Deliveries that were taken.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Attempts that failed.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Deliveries that became dead letters.</summary>
    public long Buried => Interlocked.Read(ref _buried);

    /// <summary>Told of a connection that has something to deliver, and that another node has.</summary>
    public Action<string>? IsElsewhere { get; set; }

    /// <summary>Goes on with what waits in the store. What waits for longer than anything may was put off by a clock that has been set back since.</summary>
    public async Task ResumeAsync()
    {
        await _store.HastenAsync(_clock.Now, RetrySchedule.Longest);
        await WakeWaitingAsync();
        if (_leases.IsShared)
        {
            _running.Add(BeatGuardedAsync());
        }
    }

    /// <summary>A connection has something new to deliver.</summary>
    public void Wake(string connectionId)
    {
        var queue = QueueOf(connectionId);
        lock (queue)
        {
            queue.HasNews = true;
        }

        Pump(connectionId, queue);
    }

    /// <summary>A delivery was committed just now. It goes out from memory, without a look into the store, when nothing that waits there would come before it.</summary>
    public void Take(Delivery delivery)
    {
        var (id, queue) = (delivery.Connection, QueueOf(delivery.Connection));
        var connection = _connections.Find(id);

        // Order is the store's to keep, and another node may have the connection.
        var isNext = connection is { Status: ConnectionStatus.Active, IsOrdered: false } && _leases.Holds(id) && delivery.DueAt <= _clock.Now;
        lock (queue)
        {
            isNext = isNext && !_stopping.IsCancellationRequested && queue.TryTakeNew(delivery.Row, _options.PerConnection, _clock.Now);
            queue.HasNews |= !isNext;
        }

        if (isNext)
        {
            _running.Add(SendGuardedAsync(connection!, queue, delivery));
        }
        else
        {
            Pump(id, queue);
        }
    }

    /// <summary>A connection was made, changed or deleted; one that somebody resumed is not held to its failures.</summary>
    public void Changed(string connectionId)
    {
        if (_connections.Find(connectionId) is { Status: ConnectionStatus.Active, FailingSince: null } && _queues.TryGetValue(connectionId, out var queue))
        {
            lock (queue)
            {
                queue.Breaker.Succeeded();
            }
        }

        Wake(connectionId);
    }

    /// <summary>Begins no more attempts, and waits for those under way: one that is cut off here goes out again from elsewhere.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var ended = StopAsync();
        await ended.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_cutting.IsCancellationRequested)
        {
            return;
        }

        var ended = StopAsync();
        await _cutting.CancelAsync();
        await ended;
        await RunAsync(_leases.ReleaseAsync);
    }

    private Task StopAsync()
    {
        lock (_running)
        {
            if (_ended is not null)
            {
                return _ended;
            }

            _stopping.Cancel();
            foreach (var queue in _queues.Values)
            {
                lock (queue)
                {
                    queue.Timer?.Dispose();
                }
            }

            return _ended = _running.EndAsync();
        }
    }

    // Starts what there is room for, and looks into the store when nothing is left here. One reader at a time for each connection.
    private void Pump(string connectionId, EndpointQueue queue)
    {
        var isActive = _connections.Find(connectionId) is { Status: ConnectionStatus.Active };
        lock (queue)
        {
            if (!isActive)
            {
                queue.DropReady();
            }

            while (!_stopping.IsCancellationRequested && queue.TryTake(_options.PerConnection, _clock.Now, out var row))
            {
                _running.Add(GuardedAsync(connectionId, queue, row));
            }

            if (queue.HasReady && queue.Breaker.Until > _clock.Now)
            {
                WakeAt(connectionId, queue, queue.Breaker.Until);
            }

            if (queue.HasReady || queue.IsReading || !queue.HasNews || _stopping.IsCancellationRequested)
            {
                return;
            }

            (queue.HasNews, queue.IsReading) = (false, true);
        }

        _running.Add(ReadGuardedAsync(connectionId, queue));
    }

    private async Task ReadAsync(string connectionId, EndpointQueue queue)
    {
        if (_connections.Find(connectionId) is not { } connection)
        {
            _queues.TryRemove(connectionId, out _);
            return;
        }

        if (connection.Status != ConnectionStatus.Active)
        {
            if (connection.Status == ConnectionStatus.Disabled)
            {
                await BuryAllAsync(connection);
            }

            return;
        }

        int reach;
        lock (queue)
        {
            reach = queue.Reach(Batch);
        }

        var now = _clock.Now;
        var rows = await _reader.DueAsync(connectionId, connection.IsOrdered, now, reach);
        var next = rows.Count < reach ? await _reader.NextDueAsync(connectionId, now) : null;
        var isOurs = rows.Count == 0 || await _leases.TryTakeAsync(connectionId);
        lock (queue)
        {
            queue.Add(isOurs ? rows : [], rows.Count < reach);
            WakeAt(connectionId, queue, isOurs ? next : now + DeliveryLeases.Step);
        }

        if (!isOurs)
        {
            IsElsewhere?.Invoke(connectionId);
        }
    }

    private void WakeAt(string connectionId, EndpointQueue queue, DateTimeOffset? at)
    {
        if (at is not { } time || _stopping.IsCancellationRequested)
        {
            return;
        }

        var wait = time - _clock.Now;
        queue.Timer?.Dispose();

        // A clock that jumps ahead does not wake timers: no sleep is longer than a minute.
        wait = TimeSpan.FromTicks(Math.Clamp(wait.Ticks, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerMinute));
        queue.Timer = _time.CreateTimer(_ => Wake(connectionId), null, wait, Timeout.InfiniteTimeSpan);
    }

    private async Task BuryAllAsync(Connection connection)
    {
        while (await _store.BuryAsync(connection.Id, $"The connection is disabled. {connection.Reason}".TrimEnd(), _clock.Now) is > 0 and var count)
        {
            Interlocked.Add(ref _buried, count);
            LogBuried(connection.Id, count);
        }
    }

    private async Task GuardedAsync(string connectionId, EndpointQueue queue, long row)
    {
        // Not on the caller's stack, which holds the queue's lock.
        await Task.Yield();
        await EndAsync(connectionId, queue, row, () => DeliverAsync(connectionId, row));
    }

    private async Task SendGuardedAsync(Connection connection, EndpointQueue queue, Delivery delivery)
    {
        // A message to an agent is on its way at once; a request over HTTP takes the emitter's time.
        if (connection.IsToAddress)
        {
            await Task.Yield();
        }

        await EndAsync(connection.Id, queue, delivery.Row, () => SendAsync(connection, delivery));
    }

    private async Task EndAsync(string connectionId, EndpointQueue queue, long row, Func<Task<bool>> deliver)
    {
        var isOver = false;
        await RunAsync(async () => isOver = await deliver());
        var isOrdered = _connections.Find(connectionId) is { IsOrdered: true };
        lock (queue)
        {
            queue.Done(row, isOver && !isOrdered);
        }

        Pump(connectionId, queue);
    }

    private EndpointQueue QueueOf(string connectionId) => _queues.GetOrAdd(connectionId, static _ => new EndpointQueue());

    private async Task ReadGuardedAsync(string connectionId, EndpointQueue queue)
    {
        await Task.Yield();
        var isRead = false;
        await RunAsync(async () =>
        {
            await ReadAsync(connectionId, queue);
            isRead = true;
        });
        lock (queue)
        {
            // What woke it does not wake it again: a read that failed is made once more.
            queue.HasNews |= !isRead;
            queue.IsReading = false;
        }

        Pump(connectionId, queue);
    }

    private async Task WakeWaitingAsync()
    {
        foreach (var connection in await _reader.WaitingAsync())
        {
            if (!_leases.IsShared || !_leases.Holds(connection))
            {
                Wake(connection);
            }
        }
    }

    private async Task BeatGuardedAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await Task.Delay(DeliveryLeases.Step, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await RunAsync(_leases.BeatAsync);
            await RunAsync(WakeWaitingAsync);
        }
    }

    private async Task RunAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (OperationCanceledException)
        {
            // The hub stops; the store has what was not done.
        }
        catch (StoreUnavailableException)
        {
            // The store says so in the log.
            await PauseAsync();
        }
        catch (Exception exception)
        {
            LogFailed(exception);
            await PauseAsync();
        }
    }

    // What failed is looked at again at once: not so fast that it is all that this process does.
    private async Task PauseAsync() => await Task.Delay(_retryStoreAfter, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(LogLevel.Warning, "Connection {Connection}: {Count} deliveries became dead letters, since it is disabled")]
    private partial void LogBuried(string connection, int count);

    [LoggerMessage(LogLevel.Warning, "Connection {Connection}: delivery {Delivery} is a dead letter after {Attempts} attempts")]
    private partial void LogDead(string connection, string delivery, int attempts);

    [LoggerMessage(LogLevel.Warning, "Connection {Connection} is disabled")]
    private partial void LogDisabled(string connection);

    [LoggerMessage(LogLevel.Error, "A step of the deliveries failed")]
    private partial void LogFailed(Exception exception);
}
