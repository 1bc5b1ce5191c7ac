using System.Text.Json;
using Parley.Hub.Connections.Events;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Outbox;

/// <summary>Reads deliveries.</summary>
internal sealed class DeliveryReader(SqliteStore store)
{
    /// <summary>A list says no higher total: counting further would take as long as it is.</summary>
    public const int MaxCounted = 100_000;

    private const string Columns =
        "d.row, d.id, d.connection, d.state, d.attempts, d.tries, d.due_at, d.created_at, d.ended_at, d.error, e.number, e.id, e.source, e.type, e.subject, e.at, e.hops, e.trace, e.data " +
        "FROM deliveries d JOIN events e ON e.number = d.event";

    /// <summary>Connections for which something waits.</summary>
    public Task<List<string>> WaitingAsync() => store.ReadAsync(connection =>
    {
        // One look for each connection, however much waits.
        var row = connection.Prepared("SELECT id FROM connections WHERE EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_due WHERE connection = connections.id AND state = 0)");
        var found = new List<string>();
        while (row.Step())
        {
            found.Add(row.GetText(0)!);
        }

        return found;
    });

    /// <summary>The rows that are due, those due longest first. Of a lane only the oldest one that waits.</summary>
    public Task<List<long>> DueAsync(string connectionId, bool isOrdered, DateTimeOffset now, int limit) => store.ReadAsync(connection =>
    {
        const string First = " AND NOT EXISTS (SELECT 1 FROM deliveries p WHERE p.connection = d.connection AND p.lane = d.lane AND p.state = 0 AND p.row < d.row)";
        var row = connection.Prepared($"SELECT row FROM deliveries d WHERE connection = ?1 AND state = 0 AND due_at <= ?2{(isOrdered ? First : string.Empty)} ORDER BY due_at, row LIMIT ?3")
            .Bind(1, connectionId).Bind(2, now.ToUnixTimeMilliseconds()).Bind(3, limit);
        var rows = new List<long>(limit);
        while (row.Step())
        {
            rows.Add(row.GetInt64(0));
        }

        return rows;
    });

    /// <summary>When something that is not due yet will be; null when nothing waits.</summary>
    public Task<DateTimeOffset?> NextDueAsync(string connectionId, DateTimeOffset now) => store.ReadAsync<DateTimeOffset?>(connection =>
    {
        var row = connection.Prepared("SELECT min(due_at) FROM deliveries WHERE connection = ?1 AND state = 0 AND due_at > ?2").Bind(1, connectionId).Bind(2, now.ToUnixTimeMilliseconds());
        row.Step();
        DateTimeOffset? next = row.IsNull(0) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0));
        row.Reset();
        return next;
    });

    /// <summary>A delivery with its event; null when it is gone.</summary>
    public Task<Delivery?> FindAsync(long row) => OneAsync($"SELECT {Columns} WHERE d.row = ?1", statement => statement.Bind(1, row));

    /// <summary>A delivery by its id.</summary>
    public Task<Delivery?> FindAsync(string id) => OneAsync($"SELECT {Columns} WHERE d.id = ?1", statement => statement.Bind(1, id));

    /// <summary>The attempts of a delivery.</summary>
    public Task<List<DeliveryAttempt>> AttemptsAsync(long delivery) => store.ReadAsync(connection =>
    {
        var row = connection.Prepared("SELECT number, at, duration_ms, status, error FROM delivery_attempts WHERE delivery = ?1 ORDER BY number").Bind(1, delivery);
        var found = new List<DeliveryAttempt>();
        while (row.Step())
        {
            found.Add(new DeliveryAttempt(
                (int)row.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)), TimeSpan.FromMilliseconds(row.GetInt64(2)),
                row.IsNull(3) ? null : (int)row.GetInt64(3), row.GetText(4)!));
        }

        return found;
    });

    /// <summary>How many deliveries of a connection wait, and how many are dead letters.</summary>
    public Task<(long Pending, long Dead)> CountAsync(string connectionId) => store.ReadAsync(connection =>
        (Count(connection.Prepared("SELECT count(*) FROM deliveries WHERE connection = ?1 AND state = 0").Bind(1, connectionId)),
        Count(connection.Prepared("SELECT count(*) FROM deliveries WHERE connection = ?1 AND state = 2").Bind(1, connectionId))));

    /// <summary>A page of deliveries, newest first.</summary>
    /// <param name="owner">Of connections of this owner; null for all. Not heeded beside a connection.</param>
    /// <param name="connectionId">Of one connection; null for all.</param>
    /// <param name="state">In one state; null for all.</param>
    /// <param name="limit">Most entries.</param>
    /// <param name="offset">Entries to skip.</param>
    /// <param name="hidden">What the caller may not see; null for nothing.</param>
    /// <returns>The page, and how many there are, counted no further than <see cref="MaxCounted"/>.</returns>
    public Task<(List<Delivery> Deliveries, long Total)> ListAsync(string? owner, string? connectionId, DeliveryState? state, int limit, int offset, HiddenDeliveries? hidden = null) => store.ReadAsync(connection =>
    {
        var rows = RowsSql(owner, connectionId, state, hidden is not null);
        var row = connection.Prepared($"SELECT {Columns} WHERE d.row IN ({rows} ORDER BY row DESC LIMIT ?3 OFFSET ?4) ORDER BY d.row DESC").Bind(3, limit).Bind(4, offset);
        var count = connection.Prepared($"SELECT count(*) FROM ({rows} LIMIT {MaxCounted})");
        foreach (var statement in new[] { row, count })
        {
            if ((connectionId ?? owner) is { } scope)
            {
                statement.Bind(1, scope);
            }

            if (state is { } one)
            {
                statement.Bind(2, (int)one);
            }

            if (hidden is not null)
            {
                statement.Bind(5, JsonSerializer.Serialize(hidden.Connections, EventJson.Default.IReadOnlyCollectionString))
                    .Bind(6, JsonSerializer.Serialize(hidden.Sources, EventJson.Default.IReadOnlyCollectionString));
            }
        }

        var found = new List<Delivery>();
        while (row.Step())
        {
            found.Add(Read(row));
        }

        return (found, Count(count));
    });

    /// <summary>The rows of a list, by an index that has them in their order: of all states at once by a part for each.</summary>
    internal static string RowsSql(string? owner, string? connectionId, DeliveryState? state, bool isHiding = false)
    {
        const string Seen =
            " AND connection NOT IN (SELECT value FROM json_each(?5)) AND NOT EXISTS (SELECT 1 FROM events WHERE number = deliveries.event AND source IN (SELECT value FROM json_each(?6)))";
        var seen = isHiding ? Seen : string.Empty;
        var (index, scope) = connectionId is not null ? ("deliveries_by_connection", "connection = ?1 AND") : owner is not null ? ("deliveries_by_owner", "owner = ?1 AND") : (null, string.Empty);
        return (index, state) switch
        {
            (null, null) => "SELECT row FROM deliveries",
            (null, DeliveryState.Delivered) => "SELECT row FROM deliveries NOT INDEXED WHERE state = ?2",
            (null, _) => "SELECT row FROM deliveries INDEXED BY deliveries_open WHERE state = ?2 AND state <> 1",
            (_, null) => string.Join(" UNION ALL ", Enumerable.Range(0, 3).Select(one => $"SELECT row FROM deliveries INDEXED BY {index} WHERE {scope} state = {one}{seen}")),
            _ => $"SELECT row FROM deliveries INDEXED BY {index} WHERE {scope} state = ?2{seen}",
        };
    }

    private Task<Delivery?> OneAsync(string sql, Action<SqliteStatement> bind) => store.ReadAsync(connection =>
    {
        var row = connection.Prepared(sql);
        bind(row);
        var found = row.Step() ? Read(row) : null;
        row.Reset();
        return found;
    });

    private static long Count(SqliteStatement row)
    {
        row.Step();
        var count = row.GetInt64(0);
        row.Reset();
        return count;
    }

    private static Delivery Read(SqliteStatement row) => new(
        row.GetInt64(0), row.GetText(1)!, row.GetText(2)!, (DeliveryState)row.GetInt64(3), (int)row.GetInt64(4), (int)row.GetInt64(5),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)),
        row.IsNull(8) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8)), row.GetText(9)!, EventReader.Read(row, 10));
}

/// <summary>Deliveries of an owner that a caller may not see.</summary>
/// <param name="Connections">Those of these connections.</param>
/// <param name="Sources">Those of events of these agents, as the store writes them.</param>
internal sealed record HiddenDeliveries(IReadOnlyCollection<string> Connections, IReadOnlyCollection<string> Sources);
