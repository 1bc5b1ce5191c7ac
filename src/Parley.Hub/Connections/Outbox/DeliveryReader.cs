using Parley.Hub.Connections.Events;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Outbox;

/// <summary>Reads deliveries.</summary>
internal sealed class DeliveryReader(SqliteStore store)
{
    private const string Columns =
        "d.row, d.id, d.connection, d.state, d.attempts, d.tries, d.due_at, d.created_at, d.ended_at, d.error, e.number, e.id, e.source, e.type, e.subject, e.at, e.hops, e.trace, e.data " +
        "FROM deliveries d JOIN events e ON e.number = d.event";

    /// <summary>Connections for which something waits.</summary>
    public Task<List<string>> WaitingAsync() => store.ReadAsync(connection =>
    {
        var row = connection.Prepared("SELECT DISTINCT connection FROM deliveries WHERE state = 0");
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
    /// <param name="owner">Of connections of this owner; null for all.</param>
    /// <param name="connectionId">Of one connection; null for all.</param>
    /// <param name="state">In one state; null for all.</param>
    /// <param name="limit">Most entries.</param>
    /// <param name="offset">Entries to skip.</param>
    public Task<(List<Delivery> Deliveries, long Total)> ListAsync(string? owner, string? connectionId, DeliveryState? state, int limit, int offset) => store.ReadAsync(connection =>
    {
        const string Where = " WHERE (?1 IS NULL OR d.connection IN (SELECT id FROM connections WHERE owner = ?1)) AND (?2 IS NULL OR d.connection = ?2) AND (?3 IS NULL OR d.state = ?3)";
        var row = connection.Prepared($"SELECT {Columns}{Where} ORDER BY d.row DESC LIMIT ?4 OFFSET ?5")
            .Bind(1, owner).Bind(2, connectionId).Bind(3, (long?)state).Bind(4, limit).Bind(5, offset);
        var found = new List<Delivery>();
        while (row.Step())
        {
            found.Add(Read(row));
        }

        return (found, Count(connection.Prepared($"SELECT count(*) FROM deliveries d{Where}").Bind(1, owner).Bind(2, connectionId).Bind(3, (long?)state)));
    });

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
