using Microsoft.Extensions.Logging;
using Parley.Hub.AgentApi.Cards;
using Parley.Hub.AgentApi.Tasks;
using Parley.Hub.AgentApi.Tasks.Push;
using Parley.Hub.AgentApi.Tasks.Stored;
using Parley.Hub.AgentApi.Conversations;
using Parley.Hub.Backplane;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Log;
using Parley.Hub.Identity;
using Parley.Hub.Identity.Visitors;
using Parley.Hub.Messaging;
using Parley.Hub.Rooms;
using Parley.Hub.Sessions;
using Parley.Hub.Signalling;
using Parley.Hub.Telemetry;
using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Hub;

/// <summary>What runs beside the doors: loading before they open, the sweep every second, the drain at the end.</summary>
internal sealed partial class HubLife : IAsyncDisposable
{
    private static readonly TimeSpan _tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _scrubEvery = TimeSpan.FromSeconds(30);

    private readonly HubOptions _options;
    private readonly SqliteStore _store;
    private readonly AgentRegistry _agents;
    private readonly Contacts _contacts;
    private readonly ApiKeys _keys;
    private readonly IBackplane _nodes;
    private readonly Invites _invites;
    private readonly Audit _audit;
    private readonly AgentCards _cards;
    private readonly SessionService _sessions;
    private readonly Router _router;
    private readonly SignalService _signals;
    private readonly RelayCircuits _circuits;
    private readonly RoomService _rooms;
    private readonly OpenTasks _tasks;
    private readonly PushDelivery _pushes;
    private readonly MessageLog _log;
    private readonly ConnectionLife _connections;
    private readonly ResponseStore _responses;
    private readonly Readiness _readiness;
    private readonly HubMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<HubLife> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private IAsyncDisposable? _backplane;
    private IAsyncDisposable? _signalling;
    private IAsyncDisposable? _keysElsewhere;
    private Task _sweeping = Task.CompletedTask;

    /// <summary>The life of one hub.</summary>
    public HubLife(
        HubOptions options, SqliteStore store, AgentRegistry agents, Contacts contacts, ApiKeys keys, IBackplane nodes, Invites invites, Audit audit, AgentCards cards, SessionService sessions, Router router,
        SignalService signals, RelayCircuits circuits, RoomService rooms, OpenTasks tasks, PushDelivery pushes, MessageLog log, ConnectionLife connections, ResponseStore responses, Readiness readiness, HubMetrics metrics, TimeProvider time, ILogger<HubLife> logger)
    {
        _options = options;
        _store = store;
        _agents = agents;
        _contacts = contacts;
        _keys = keys;
        _nodes = nodes;
        _invites = invites;
        _audit = audit;
        _cards = cards;
        _sessions = sessions;
        _router = router;
        _signals = signals;
        _circuits = circuits;
        _rooms = rooms;
        _tasks = tasks;
        _pushes = pushes;
        _log = log;
        _connections = connections;
        _responses = responses;
        _readiness = readiness;
        _metrics = metrics;
        _time = time;
        _logger = logger;
    }

    /// <summary>Reads what memory must know, and ties the modules together.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await _agents.LoadAsync(cancellationToken);
        await _contacts.LoadAsync(cancellationToken);
        _keysElsewhere = await _keys.JoinBackplaneAsync(_nodes, InBackground, cancellationToken);
        await _keys.LoadAsync(cancellationToken);
        await _invites.LoadAsync(cancellationToken);
        await _cards.LoadAsync(cancellationToken);
        await _router.LoadAsync();
        await _connections.PrepareAsync(_metrics, cancellationToken);
        _metrics.AddCounter("parley.message.log.lost", "Rows of the message log that found no room", () => _log.Dropped);
        _metrics.AddGauge("parley.tasks", "Tasks that agents have in hand or somebody follows", () => _tasks.Count);
        _metrics.AddCounter("parley.task.pushes", "Push notifications that were taken", () => _pushes.Sent);
        _metrics.AddCounter("parley.task.pushes.lost", "Push notifications that were given up", () => _pushes.GivenUp);
        _metrics.AddGauge("parley.task.streams", "Streams that follow tasks", () => _tasks.Streams);
        _metrics.AddCounter("parley.signals", "Signals between agents that reached a session", () => _signals.Carried);
        _metrics.AddGauge("parley.relay.circuits", "Relay circuits that run or wait for an end", () => _circuits.Count);
        _metrics.AddCounter("parley.relay.bytes", "Bytes that relay circuits carried", () => _circuits.Bytes);
        _backplane = await _router.JoinBackplaneAsync(cancellationToken);
        _signalling = await _signals.JoinBackplaneAsync(cancellationToken);

        // A sender may have been accepted right before the hub was killed.
        await _router.ReleaseHeldAsync();
        _sessions.OnListening = async (ticket, token) =>
        {
            if (ticket.Role == SessionRole.Listen)
            {
                await _cards.RememberAsync(ticket.Agent, ticket.Capabilities, token);
            }

            await _router.AnnounceAttachedAsync(ticket, token);
        };
        _sessions.OnGone = async (ticket, token) => await _router.AnnounceDetachedAsync(ticket, token);
        _agents.Renaming = MailboxStore.Rename;
        _agents.Renaming += MessageLog.Rename;
        _agents.Renaming += SessionEpochs.Rename;
        _agents.Renaming += TaskStore.Rename;
        _agents.Renaming += ResponseStore.Rename;
        _agents.Renaming += ConnectionStore.Rename;
        _agents.Removing = _router.Remove;
        _agents.Changed += OnAgentChanged;
        _contacts.Changed += OnContactChanged;
        _tasks.News = _pushes.Wake;
        await _tasks.ResumeAsync();
        await _pushes.ResumeAsync();
        await _connections.ResumeAsync();
    }

    /// <summary>The doors are open.</summary>
    public void Begin()
    {
        _readiness.IsReady = true;

        // Made here, so that every tick from now on is seen.
        var timer = new PeriodicTimer(_tick, _time);
        _sweeping = Task.Run(() => SweepAsync(timer));
    }

    /// <summary>Lets the links move, and deliveries end that are under way.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        _readiness.IsReady = false;
        _rooms.Stop();
        _tasks.EndStreams();
        _connections.EndWaits();
        await Task.WhenAll(_sessions.DrainAsync(_options.Sessions.DrainSpread, cancellationToken), _connections.DrainAsync(_options.Sessions.DrainSpread, cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _agents.Changed -= OnAgentChanged;
        _contacts.Changed -= OnContactChanged;
        await _stopping.CancelAsync();
        await _sweeping;
        if (_backplane is not null)
        {
            await _backplane.DisposeAsync();
        }

        if (_signalling is not null)
        {
            await _signalling.DisposeAsync();
        }

        if (_keysElsewhere is not null)
        {
            await _keysElsewhere.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private void OnAgentChanged(AgentChange change)
    {
        switch (change)
        {
            case { Kind: AgentChangeKind.Renamed, NewAddress: { } current }:
                // The link proved its key under the old name: it comes back, and hears the new one.
                _router.Rename(change.Address, current);
                _tasks.Rename(change.Address, current);
                _sessions.EndAll(change.Address, Goodbyes.Renamed());
                InBackground(_connections.ReloadAsync);
                break;
            case { Kind: AgentChangeKind.Revoked or AgentChangeKind.KeyReset }:
                _sessions.EndAll(change.Address, Goodbyes.Revoked());
                _circuits.EndAll(change.Address);
                break;
            case { Kind: AgentChangeKind.Enrolled }:
                _router.ForgetFormer(change.Address);
                _invites.Entered(change.Address);
                break;
        }

        if (change.Kind == AgentChangeKind.Revoked)
        {
            _router.ForgetAgent(change.Address);
            _cards.ForgetGone();
        }

        if (change.IsFromElsewhere)
        {
            InBackground(() => _cards.ReloadAsync(change.Address));
            return;
        }

        _router.AnnounceAgentChanged(change.Address);
        if (change.NewAddress is { } renamed)
        {
            _router.AnnounceAgentChanged(renamed);
        }
    }

    private void OnContactChanged(ContactChange change)
    {
        if (change.State != ContactState.Pending)
        {
            InBackground(_router.ReleaseHeldAsync);
            _circuits.EndForbidden();
        }

        if (!change.IsFromElsewhere)
        {
            _router.AnnounceContactChanged(change.Owner, change.SenderOwner, change.SenderName);
        }
    }

    private async Task SweepAsync(PeriodicTimer ticks)
    {
        using var timer = ticks;
        var scrubbed = _time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                _sessions.Beat();
                _circuits.EndIdle();
                _rooms.ExpireDue();
                _keys.EndExpired();
                if (_store.IsFailing)
                {
                    await ProbeAsync();
                }

                _router.StoreUnreported();
                await GuardedAsync(() => _invites.EndDueAsync(_stopping.Token));
                await GuardedAsync(_router.ExpireAsync);
                if (_time.GetElapsedTime(scrubbed) > _scrubEvery)
                {
                    scrubbed = _time.GetTimestamp();
                    await GuardedAsync(ScrubAsync);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>The store logs when it fails and when it recovers; in between there is nothing new to say.</summary>
    private async Task ProbeAsync()
    {
        try
        {
            await _store.ProbeAsync(_stopping.Token);
        }
        catch (StoreUnavailableException)
        {
        }
    }

    /// <summary>What was deleted leaves the write-ahead log too.</summary>
    private async Task ScrubAsync()
    {
        await _tasks.ExpireAsync();
        await _log.DeleteBeforeAsync((_time.GetUtcNow() - _options.Log.Retention).ToUnixTimeMilliseconds());
        await _responses.DeleteDueAsync();
        await _audit.TrimAsync(_options.AuditRows);
        await _invites.TrimAsync();
        await _connections.ExpireAsync();
        await _store.ScrubAsync();
    }

    private void InBackground(Func<Task> step) => _ = GuardedAsync(step);

    private async Task GuardedAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A periodic step of the hub failed")]
    private partial void LogFailed(Exception exception);
}
