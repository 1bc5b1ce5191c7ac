using System.Text.Json;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Connections.State;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Events;

/// <summary>Where events come in: checked, matched with the connections that want them, and written with their deliveries in one commit.</summary>
internal sealed class EventIntake
{
    private const int MaxSubject = 256;
    private const int MaxOwners = 10_000;

    private readonly ConnectionRegistry _connections;
    private readonly EventAudience _audience;
    private readonly AgentRegistry _agents;
    private readonly SqliteStore _store;
    private readonly ConnectionOptions _options;
    private readonly RateLimiter _rates;
    private readonly ChainRates _chains;
    private readonly TimeProvider _time;
    private readonly FillRandom _random;
    private long _taken;

    /// <summary>The intake of one hub.</summary>
    public EventIntake(ConnectionRegistry connections, EventAudience audience, AgentRegistry agents, SqliteStore store, ConnectionOptions options, TimeProvider time, FillRandom random)
    {
        (_connections, _audience, _agents, _store, _options, _time, _random) = (connections, audience, agents, store, options, time, random);
        _chains = new ChainRates(options.ChainDeliveries, time);
        _rates = new RateLimiter(options.EventsPerMinute, TimeSpan.FromMinutes(1), MaxOwners, time);
    }

    /// <summary>Told of each delivery that is committed and waits.</summary>
    public Action<Delivery>? Deliver { get; set; }

    /// <summary>Told of the event at which a chain was stopped. Called while it is being made: what is to be done about it is done elsewhere.</summary>
    public Action<StoredEvent>? ChainStopped { get; set; }

    /// <summary>Events taken since the start.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Whether an event that the hub itself would make is worth making: somebody connected to it, or follows it.</summary>
    /// <remarks>Asked for every message that is delivered, so nothing is looked up while nobody wants anything.</remarks>
    public bool IsWanted(AgentAddress source, EventType type) =>
        (_connections.Count > 0 && _connections.Index.IsWanted(source, type)) || (_audience.Count > 0 && _audience.IsWanted(source, type));

    /// <summary>Takes an event of a caller; it is stored, with its deliveries, when this returns.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.MessageTooLarge"/>, <see cref="ErrorCode.RateLimited"/>.</exception>
    public async Task<PreparedEvent> EmitAsync(NewEvent value, CancellationToken cancellationToken)
    {
        Admit(value.Source.Owner);
        var prepared = Prepare(value);
        await _store.WriteAsync(prepared.Insert, cancellationToken);
        prepared.Publish();
        return prepared;
    }

    /// <summary>Counts something that an owner's caller does and that may raise an event.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RateLimited"/>.</exception>
    public void Admit(string owner)
    {
        if (_rates.TryTake(owner) is { } wait)
        {
            throw new ParleyException(ErrorCode.RateLimited, "The owner emits too many events (the limit event-rate).") { RetryAfter = wait };
        }
    }

    /// <summary>Makes an event ready for somebody else's commit.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.MessageTooLarge"/>.</exception>
    public PreparedEvent Prepare(NewEvent value)
    {
        if (value.Data.ValueKind != JsonValueKind.Object)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "An event's data is a JSON object.") { Field = "data" };
        }

        if (value.Subject.Length > MaxSubject || (value.Id is { } id && !EnvelopeId.TryParse(id, out _)))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"An event's id is 1 to {EnvelopeId.MaxLength} letters, digits, _ or -, its subject at most {MaxSubject} characters.");
        }

        var data = JsonSerializer.SerializeToUtf8Bytes(value.Data, EventJson.Compact.JsonElement);
        if (data.Length > _options.MaxEventBytes)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, $"An event's data has at most {_options.MaxEventBytes} bytes (the limit event-bytes).");
        }

        // Stored to the millisecond, so that payloads are the same bytes before and after a restart.
        var at = DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds());
        var stored = new StoredEvent(0, value.Id ?? "evt_" + EnvelopeId.Make(_random).Value, value.Source, value.Type, value.Subject, at, value.Hops, Trace.Of(value.TraceParent, _random), data);
        List<(string Id, string Connection, string? Lane)> deliveries = [.. Receivers(value).Select(connection => ("msg_" + EnvelopeId.Make(_random).Value, connection.Id, LaneOf(connection, value)))];
        var (isAllowed, isNews) = _chains.Take(stored.TraceParent, deliveries.Count);
        if (isNews)
        {
            ChainStopped?.Invoke(stored);
        }

        return new PreparedEvent(stored, deliveries, Publish) { Stopped = isAllowed ? null : $"The chain of events of this trace brought more than {_options.ChainDeliveries} deliveries (the limit chain-deliveries)." };
    }

    /// <summary>Tells an owner something as an event of the hub's own, when somebody wants it.</summary>
    /// <param name="owner">Whom.</param>
    /// <param name="type">What.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="members">Its data.</param>
    /// <param name="cancellationToken">Heeded until it is written.</param>
    public async Task TellOwnerAsync(string owner, EventType type, string subject, IReadOnlyList<(string Name, string Value)> members, CancellationToken cancellationToken)
    {
        var source = CallerAddresses.HubOf(owner);
        if (IsWanted(source, type))
        {
            var data = EventJson.Object(json =>
            {
                foreach (var (name, value) in members)
                {
                    json.WriteString(name, value);
                }
            });
            var prepared = Prepare(new NewEvent(source, type, data) { Subject = subject });
            await _store.WriteAsync(prepared.Insert, cancellationToken);
            prepared.Publish();
        }
    }

    private IEnumerable<Connection> Receivers(NewEvent value) => value.OnlyFor is { } only
        ? _connections.Find(only) is { } one ? [one] : []
        : value.AlsoFor is { } also && _connections.Find(also) is { } another ? Wanting(value).Where(connection => connection.Id != also).Prepend(another) : Wanting(value);

    private IEnumerable<Connection> Wanting(NewEvent value) => _connections.Index.Match(value.Source, value.Type, value.Data).Select(_connections.Find).OfType<Connection>().Where(connection => !IsLeftOut(connection, value) && IsTouched(connection, value));

    // Whoever connects all agents to one of them does not mean that one's own events.
    private bool IsLeftOut(Connection connection, NewEvent value) =>
        (connection.SourceName is null && connection.Target == value.Source) || connection.LeavesOut(value.Source, _agents);

    private static bool IsTouched(Connection connection, NewEvent value) =>
        value.Type != EventType.StateUpdate || connection.Config.Fields is not { } fields || SharedFields.AreTouched(fields, value.Data);

    private static string? LaneOf(Connection connection, NewEvent value) => connection.IsOrdered ? value.Subject : null;

    private void Publish(PreparedEvent prepared)
    {
        Interlocked.Increment(ref _taken);
        _audience.Tell(prepared.Event.Source, prepared.Event.Type);
        foreach (var delivery in prepared.Waiting)
        {
            Deliver?.Invoke(delivery);
        }
    }
}
