using Microsoft.Data.Sqlite;
using Parley.Hub.Connections.Outbox;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Events;

/// <summary>An event and the deliveries that it brings, ready to be written in one commit; after it, <see cref="Publish"/> sets them going.</summary>
internal sealed class PreparedEvent
{
    private readonly Action<PreparedEvent> _publish;
    private readonly List<Delivery> _waiting = [];

    /// <summary>An event for these connections.</summary>
    /// <param name="value">The event; its number comes with the commit.</param>
    /// <param name="deliveries">A delivery's id, its connection and its lane.</param>
    /// <param name="publish">Told after the commit.</param>
    public PreparedEvent(StoredEvent value, IReadOnlyList<(string Id, string Connection, string? Lane)> deliveries, Action<PreparedEvent> publish) =>
        (Event, Deliveries, _publish) = (value, deliveries, publish);

    /// <summary>The event.</summary>
    public StoredEvent Event { get; private set; }

    /// <summary>What it brings.</summary>
    public IReadOnlyList<(string Id, string Connection, string? Lane)> Deliveries { get; }

    /// <summary>Those of its deliveries that wait now, as they were written.</summary>
    public IReadOnlyList<Delivery> Waiting => _waiting;

    /// <summary>Why its deliveries are dead letters from the start; null: they are not.</summary>
    public string? Stopped { get; init; }

    /// <summary>Whether this source has emitted this id before: then nothing was written.</summary>
    public bool IsRepeat { get; private set; }

    /// <summary>Writes it; part of the caller's commit.</summary>
    public void Insert(SqliteConnection connection)
    {
        // A commit that failed may be tried again.
        IsRepeat = false;
        _waiting.Clear();
        var row = connection.Prepared(
            "INSERT INTO events (id, owner, source, type, subject, at, hops, trace, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (source, id) DO NOTHING RETURNING number")
            .Bind(1, Event.Id).Bind(2, Event.Source.Owner).Bind(3, Event.Source.ToString()).Bind(4, Event.Type.Text).Bind(5, Event.Subject)
            .Bind(6, Event.At.ToUnixTimeMilliseconds()).Bind(7, Event.Hops).Bind(8, Event.TraceParent).Bind(9, Event.Data);
        if (!row.Step())
        {
            IsRepeat = true;
            return;
        }

        Event = Event with { Number = row.GetInt64(0) };
        row.Reset();
        foreach (var (id, target, lane) in Deliveries)
        {
            var written = connection.Prepared(
                "INSERT INTO deliveries (id, connection, owner, event, lane, state, attempts, tries, due_at, created_at, ended_at, error) " +
                "SELECT ?1, id, owner, ?3, ?4, ?6, 0, 0, ?5, ?5, ?8, ?7 FROM connections WHERE id = ?2 RETURNING row")
                .Bind(1, id).Bind(2, target).Bind(3, Event.Number).Bind(4, lane).Bind(5, Event.At.ToUnixTimeMilliseconds())
                .Bind(6, Stopped is null ? 0 : 2).Bind(7, Stopped ?? string.Empty).Bind(8, Stopped is null ? null : Event.At.ToUnixTimeMilliseconds());
            if (written.Step() && Stopped is null)
            {
                _waiting.Add(new Delivery(written.GetInt64(0), id, target, DeliveryState.Pending, 0, 0, Event.At, Event.At, null, string.Empty, Event));
            }

            written.Reset();
        }
    }

    /// <summary>It is committed.</summary>
    public void Publish()
    {
        if (!IsRepeat)
        {
            _publish(this);
        }
    }
}
