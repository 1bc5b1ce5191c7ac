using Microsoft.Data.Sqlite;
using Parley.Hub.Connections.Events;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Outbox;

/// <summary>Writes deliveries and their attempts. No rules; <see cref="DeliveryReader"/> reads them.</summary>
internal sealed class DeliveryStore(SqliteStore store)
{
    private const int BatchRows = 1000;

    /// <summary>Writes what an attempt came to, in one commit with the answer that it brought.</summary>
    /// <param name="row">The delivery.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="state">Where the delivery stands now.</param>
    /// <param name="dueAt">When it is tried next, while it is pending.</param>
    /// <param name="answer">An event to be written with it.</param>
    /// <param name="more">What its route writes with it.</param>
    public Task RecordAsync(long row, DeliveryAttempt attempt, DeliveryState state, DateTimeOffset dueAt, PreparedEvent? answer, Action<SqliteConnection>? more) => store.WriteAsync(connection =>
    {
        var endedAt = attempt.At + attempt.Duration;
        var changed = connection.Prepared(
            "UPDATE deliveries SET state = ?2, attempts = ?3, tries = tries + 1, due_at = ?4, ended_at = ?5, error = ?6 WHERE row = ?1 AND state = 0")
            .Bind(1, row).Bind(2, (int)state).Bind(3, attempt.Number).Bind(4, dueAt.ToUnixTimeMilliseconds())
            .Bind(5, state == DeliveryState.Pending ? null : endedAt.ToUnixTimeMilliseconds()).Bind(6, attempt.Error).Execute();
        if (changed == 0)
        {
            // It was deleted meanwhile.
            return;
        }

        connection.Prepared("INSERT OR REPLACE INTO delivery_attempts (delivery, number, at, duration_ms, status, error) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            .Bind(1, row).Bind(2, attempt.Number).Bind(3, attempt.At.ToUnixTimeMilliseconds()).Bind(4, (long)attempt.Duration.TotalMilliseconds)
            .Bind(5, (long?)attempt.Status).Bind(6, attempt.Error).Execute();
        answer?.Insert(connection);
        more?.Invoke(connection);
    });

    /// <summary>Gives up what waits for a connection, as long as it is disabled; some of it, call again until there is none.</summary>
    /// <remarks>The status is asked in the same commit: what is replayed after a resume must not be given up again.</remarks>
    public Task<int> BuryAsync(string connectionId, string reason, DateTimeOffset now) => store.WriteAsync(connection => connection.Prepared(
        "UPDATE deliveries SET state = 2, ended_at = ?2, error = ?3 WHERE row IN (SELECT row FROM deliveries WHERE connection = ?1 AND state = 0 LIMIT ?4) " +
        "AND EXISTS (SELECT 1 FROM connections WHERE id = ?1 AND status = ?5)")
        .Bind(1, connectionId).Bind(2, now.ToUnixTimeMilliseconds()).Bind(3, reason).Bind(4, BatchRows).Bind(5, (int)ConnectionStatus.Disabled).Execute());

    /// <summary>Makes dead letters wait again, oldest first; some of them, call again with the row that it gives until that is 0. Ids stay.</summary>
    /// <param name="connectionId">Of which connection.</param>
    /// <param name="since">Created at or after.</param>
    /// <param name="until">Created before.</param>
    /// <param name="after">The row that the call before gave.</param>
    /// <param name="now">When they are due: now.</param>
    /// <returns>How many, and the last row.</returns>
    public Task<(int Count, long Last)> ReplayAsync(string connectionId, DateTimeOffset since, DateTimeOffset until, long after, DateTimeOffset now) => store.WriteAsync(connection =>
    {
        var rows = new List<long>(BatchRows);
        var found = connection.Prepared(
            "SELECT row FROM deliveries WHERE connection = ?1 AND state = 2 AND row > ?2 AND created_at >= ?3 AND created_at < ?4 ORDER BY row LIMIT ?5")
            .Bind(1, connectionId).Bind(2, after).Bind(3, since.ToUnixTimeMilliseconds()).Bind(4, until.ToUnixTimeMilliseconds()).Bind(5, BatchRows);
        while (found.Step())
        {
            rows.Add(found.GetInt64(0));
        }

        foreach (var row in rows)
        {
            Revive(connection, row, now);
        }

        return (rows.Count, rows.Count == 0 ? 0 : rows[^1]);
    });

    /// <summary>Makes what waits for longer than anything may wait no more.</summary>
    public Task<int> HastenAsync(DateTimeOffset now, TimeSpan longest) => store.WriteAsync(connection => connection.Prepared(
        "UPDATE deliveries SET due_at = ?1 WHERE state = 0 AND row IN (SELECT d.row FROM connections c JOIN deliveries d INDEXED BY deliveries_due ON d.connection = c.id WHERE d.state = 0 AND d.due_at > ?2)")
        .Bind(1, now.ToUnixTimeMilliseconds()).Bind(2, (now + longest).ToUnixTimeMilliseconds()).Execute());

    /// <summary>Makes one delivery go out again, whatever became of it.</summary>
    /// <returns>False when there is none, or it waits already.</returns>
    public Task<bool> ReplayAsync(long row, DateTimeOffset now) => store.WriteAsync(connection => Revive(connection, row, now) > 0);

    /// <summary>Deletes what is due: deliveries whose time is over, then events that no delivery needs. Some of them, call again until there are none.</summary>
    public Task<int> ExpireAsync(DateTimeOffset deliveredBefore, DateTimeOffset deadBefore, DateTimeOffset eventsBefore) => store.WriteAsync(connection =>
    {
        const string Due =
            "SELECT row FROM deliveries WHERE (state = 1 AND ended_at < ?1) UNION ALL SELECT row FROM deliveries WHERE (state = 2 AND ended_at < ?2) LIMIT ?3";
        var (delivered, dead) = (deliveredBefore.ToUnixTimeMilliseconds(), deadBefore.ToUnixTimeMilliseconds());
        connection.Prepared($"DELETE FROM delivery_attempts WHERE delivery IN ({Due})").Bind(1, delivered).Bind(2, dead).Bind(3, BatchRows).Execute();
        var count = connection.Prepared($"DELETE FROM deliveries WHERE row IN ({Due})").Bind(1, delivered).Bind(2, dead).Bind(3, BatchRows).Execute();
        return count + connection.Prepared(
            "DELETE FROM events WHERE number IN (SELECT number FROM events WHERE at < ?1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event = events.number) LIMIT ?2)")
            .Bind(1, eventsBefore.ToUnixTimeMilliseconds()).Bind(2, BatchRows).Execute();
    });

    private static int Revive(SqliteConnection connection, long row, DateTimeOffset now) => connection.Prepared(
        "UPDATE deliveries SET state = 0, tries = 0, due_at = ?2, ended_at = NULL WHERE row = ?1 AND state > 0").Bind(1, row).Bind(2, now.ToUnixTimeMilliseconds()).Execute();
}
