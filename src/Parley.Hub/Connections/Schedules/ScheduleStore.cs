using Microsoft.Data.Sqlite;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Schedules;

/// <summary>Rows of <c>schedules</c>. No rules.</summary>
internal sealed class ScheduleStore(SqliteStore store)
{
    /// <summary>The table. <c>next_at</c> is null while nothing is due.</summary>
    public const string Sql = """
        CREATE TABLE schedules (
          id TEXT PRIMARY KEY,
          agent_id INTEGER NOT NULL,
          owner TEXT NOT NULL,
          name TEXT NOT NULL,
          kind INTEGER NOT NULL,
          cron TEXT NOT NULL,
          zone TEXT NOT NULL,
          missed INTEGER NOT NULL,
          status INTEGER NOT NULL,
          next_at INTEGER,
          last_at INTEGER,
          runs INTEGER NOT NULL,
          data BLOB NOT NULL,
          message TEXT,
          connection TEXT,
          created_by TEXT NOT NULL,
          created_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX schedules_due ON schedules (next_at) WHERE status = 0;
        CREATE INDEX schedules_by_owner ON schedules (owner, created_at);
        """;

    /// <summary>SQL of a later migration: the chain that a schedule follows from, so that what runs in circles through schedules ends as all chains do.</summary>
    public const string ChainSql = """
        ALTER TABLE schedules ADD COLUMN hops INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE schedules ADD COLUMN trace TEXT NOT NULL DEFAULT '';
        """;

    private const string Columns = "id, agent_id, owner, name, kind, cron, zone, missed, status, next_at, last_at, runs, data, message, connection, created_by, created_at, hops, trace";

    /// <summary>One of them.</summary>
    public Task<Schedule?> FindAsync(string id, CancellationToken cancellationToken) => store.ReadAsync(
        connection =>
        {
            var row = connection.Prepared($"SELECT {Columns} FROM schedules WHERE id = ?1").Bind(1, id);
            var found = row.Step() ? Read(row) : null;
            row.Reset();
            return found;
        },
        cancellationToken);

    /// <summary>Those of an owner, or all; oldest first.</summary>
    public Task<List<Schedule>> ListAsync(string? owner, CancellationToken cancellationToken) => ManyAsync(
        $"SELECT {Columns} FROM schedules WHERE ?1 IS NULL OR owner = ?1 ORDER BY created_at, id", row => row.Bind(1, owner), cancellationToken);

    /// <summary>Those whose time has come, longest due first.</summary>
    public Task<List<Schedule>> DueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => ManyAsync(
        $"SELECT {Columns} FROM schedules WHERE status = 0 AND next_at <= ?1 ORDER BY next_at LIMIT ?2", row => row.Bind(1, now.ToUnixTimeMilliseconds()).Bind(2, limit), cancellationToken);

    /// <summary>Those whose last tick is later than a time.</summary>
    public Task<List<Schedule>> RanAfterAsync(DateTimeOffset time, CancellationToken cancellationToken) => ManyAsync(
        $"SELECT {Columns} FROM schedules WHERE status = 0 AND last_at > ?1", row => row.Bind(1, time.ToUnixTimeMilliseconds()), cancellationToken);

    /// <summary>When the next one is due; null when none is.</summary>
    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken) => store.ReadAsync<DateTimeOffset?>(
        connection =>
        {
            var row = connection.Prepared("SELECT min(next_at) FROM schedules WHERE status = 0");
            row.Step();
            DateTimeOffset? next = row.IsNull(0) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0));
            row.Reset();
            return next;
        },
        cancellationToken);

    /// <summary>How many an owner has.</summary>
    public static long CountOf(SqliteConnection connection, string owner)
    {
        var row = connection.Prepared("SELECT count(*) FROM schedules WHERE owner = ?1").Bind(1, owner);
        row.Step();
        var count = row.GetInt64(0);
        row.Reset();
        return count;
    }

    /// <summary>Writes a schedule, new or changed; part of somebody's commit.</summary>
    public static void Put(SqliteConnection connection, Schedule value) =>
        connection.Prepared($"INSERT OR REPLACE INTO schedules ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)")
            .Bind(1, value.Id).Bind(2, value.AgentId).Bind(3, value.Owner).Bind(4, value.Name).Bind(5, (int)value.Kind).Bind(6, value.Cron).Bind(7, value.Zone).Bind(8, (int)value.Missed)
            .Bind(9, (int)value.Status).Bind(10, value.NextAt?.ToUnixTimeMilliseconds()).Bind(11, value.LastAt?.ToUnixTimeMilliseconds()).Bind(12, value.Runs).Bind(13, value.Data)
            .Bind(14, value.Message).Bind(15, value.ConnectionId).Bind(16, value.CreatedBy).Bind(17, value.CreatedAt.ToUnixTimeMilliseconds())
            .Bind(18, value.Hops).Bind(19, value.TraceParent).Execute();

    /// <summary>Writes the state after a run, unless it ran or changed meanwhile: then false. Part of somebody's commit.</summary>
    public static bool TryAdvance(SqliteConnection connection, Schedule before, Schedule after) =>
        connection.Prepared("UPDATE schedules SET next_at = ?4, last_at = ?5, runs = ?6, status = ?7 WHERE id = ?1 AND runs = ?2 AND next_at IS ?3 AND status = ?8")
            .Bind(1, before.Id).Bind(2, before.Runs).Bind(3, before.NextAt?.ToUnixTimeMilliseconds())
            .Bind(4, after.NextAt?.ToUnixTimeMilliseconds()).Bind(5, after.LastAt?.ToUnixTimeMilliseconds()).Bind(6, after.Runs).Bind(7, (int)after.Status).Bind(8, (int)before.Status).Execute() == 1;

    /// <summary>Deletes one; part of somebody's commit.</summary>
    public static void Delete(SqliteConnection connection, string id) => connection.Prepared("DELETE FROM schedules WHERE id = ?1").Bind(1, id).Execute();

    /// <summary>Deletes those of agents that are gone, and those that are done since a time.</summary>
    public Task DeleteGoneAsync(DateTimeOffset doneBefore) => store.WriteAsync(connection => connection.Prepared(
        "DELETE FROM schedules WHERE agent_id NOT IN (SELECT id FROM agents) OR (status = 2 AND last_at < ?1)").Bind(1, doneBefore.ToUnixTimeMilliseconds()).Execute());

    private Task<List<Schedule>> ManyAsync(string sql, Action<SqliteStatement> bind, CancellationToken cancellationToken) => store.ReadAsync(
        connection =>
        {
            var row = connection.Prepared(sql);
            bind(row);
            var found = new List<Schedule>();
            while (row.Step())
            {
                found.Add(Read(row));
            }

            return found;
        },
        cancellationToken);

    private static Schedule Read(SqliteStatement row) => new()
    {
        Id = row.GetText(0)!,
        AgentId = row.GetInt64(1),
        Owner = row.GetText(2)!,
        Name = row.GetText(3)!,
        Kind = (ScheduleKind)row.GetInt64(4),
        Cron = row.GetText(5)!,
        Zone = row.GetText(6)!,
        Missed = (MissedPolicy)row.GetInt64(7),
        Status = (ScheduleStatus)row.GetInt64(8),
        NextAt = Time(row, 9),
        LastAt = Time(row, 10),
        Runs = row.GetInt64(11),
        Data = row.GetBytes(12).ToArray(),
        Message = row.GetText(13),
        ConnectionId = row.GetText(14),
        CreatedBy = row.GetText(15)!,
        CreatedAt = Time(row, 16)!.Value,
        Hops = (int)row.GetInt64(17),
        TraceParent = row.GetText(18)!,
    };

    private static DateTimeOffset? Time(SqliteStatement row, int column) => row.IsNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}
