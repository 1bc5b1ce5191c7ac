using Dapper;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Parley.Gateway.A2a;
using Parley.Protocol.Identity;
using Parley.Sqlite;

namespace Parley.Hub.AgentApi.Tasks.Stored;

/// <summary>Writes tasks, their events and messages. It has no rules; <see cref="TaskReader"/> reads what this wrote.</summary>
internal sealed class TaskStore
{
    private const int ExpireBatch = 200;

    private const string DueSql =
        "WITH special AS (SELECT owner || '.' || name AS agent, task_retention AS kept FROM agents WHERE task_retention IS NOT NULL) " +
        "SELECT tasks.id, tasks.owner FROM tasks LEFT JOIN special ON special.agent = tasks.agent " +
        "WHERE tasks.changed_at < @now - min(@kept, coalesce((SELECT min(kept) FROM special), @kept)) AND tasks.is_open = 0 " +
        "AND tasks.changed_at < @now - coalesce(special.kept, @kept) ORDER BY tasks.changed_at LIMIT @count";

    private const string InsertSql =
        "INSERT INTO tasks (id, owner, agent, context, state, status_at, changed_at, is_open, number, head, artifacts) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

    private const string UpdateSql =
        "UPDATE tasks SET state = ?2, status_at = ?3, changed_at = ?4, is_open = ?5, number = ?6, head = ?7, artifacts = ?8 WHERE id = ?1";

    private const string EventsSql = "INSERT INTO task_events (task, number, count, events) VALUES (?1, ?2, ?3, ?4)";

    private const string MessageSql =
        "INSERT INTO task_messages (owner, agent, message, task, place, hash, envelope, sender, target, is_open, is_accepted, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

    private const string AcceptedSql = "UPDATE task_messages SET is_accepted = 1 WHERE task = ?1 AND place = ?2";
    private const string AnsweredSql = "UPDATE task_messages SET is_open = 0, body = NULL WHERE task = ?1 AND place = ?2";

    private const string PushSql =
        "INSERT INTO task_pushes (task, id, number, version, config) VALUES (?1, ?2, ?3, ?4, ?5) " +
        "ON CONFLICT (task, id) DO UPDATE SET version = excluded.version, config = excluded.config";

    private readonly SqliteStore _store;

    /// <summary>Tasks in a store that has the schema.</summary>
    public TaskStore(SqliteStore store) => _store = store;

    /// <summary>Moves an agent's rows to its new name; part of the commit that renames it.</summary>
    public static void Rename(SqliteConnection connection, AgentAddress from, AgentAddress to) => connection.Execute(
        "UPDATE tasks SET agent = @to WHERE agent = @from; UPDATE tasks SET owner = @to WHERE owner = @from; " +
        "UPDATE task_messages SET agent = @to WHERE agent = @from; UPDATE task_messages SET owner = @to WHERE owner = @from; " +
        "UPDATE task_messages SET target = @to WHERE target = @from; UPDATE task_messages SET sender = @to WHERE sender = @from",
        new { from = from.ToString(), to = to.ToString() });

    /// <summary>Writes what is new of a task, in one commit.</summary>
    /// <returns>False when the task is not in the store any more.</returns>
    public Task<bool> WriteAsync(TaskWrite write) => _store.WriteAsync(connection => Write(connection, write));

    /// <summary>Makes or replaces a push config; null when the task is not there, false when it has as many as it may.</summary>
    public Task<bool?> SetPushAsync(StoredPush push, int maxCount) => _store.WriteAsync<bool?>(connection =>
    {
        var (task, id) = (push.TaskId, push.Config.Id);
        if (connection.ExecuteScalar<long>("SELECT count(*) FROM tasks WHERE id = @task", new { task }) == 0)
        {
            return null;
        }

        if (connection.ExecuteScalar<long>("SELECT count(*) FROM task_pushes WHERE task = @task AND id <> @id", new { task, id }) >= maxCount)
        {
            return false;
        }

        Write(connection, push with { Number = connection.ExecuteScalar<long>("SELECT coalesce(max(number), 0) FROM task_events WHERE task = @task", new { task }) });
        return true;
    });

    /// <summary>Notes how far an address has been told.</summary>
    public System.Threading.Tasks.Task NotePushedAsync(string task, string id, long number) => _store.WriteAsync(connection =>
        connection.Execute("UPDATE task_pushes SET number = @number WHERE task = @task AND id = @id AND number < @number", new { task, id, number }));

    /// <summary>Deletes a push config.</summary>
    public Task<bool> DeletePushAsync(string task, string id) =>
        _store.WriteAsync(connection => connection.Execute("DELETE FROM task_pushes WHERE task = @task AND id = @id", new { task, id }) > 0);

    /// <summary>Deletes tasks whose time is over; some of them, call again until there are none.</summary>
    /// <param name="nowMs">The time now.</param>
    /// <param name="keptMs">How long a task is kept after its last change, unless its agent has a time of its own.</param>
    /// <param name="isInUse">Tasks that memory holds stay.</param>
    /// <returns>How many of each owner.</returns>
    public Task<IReadOnlyList<(string Owner, int Count)>> ExpireAsync(long nowMs, long keptMs, Func<string, bool> isInUse) =>
        _store.WriteAsync<IReadOnlyList<(string, int)>>(connection =>
        {
            var due = connection.Query<(string Id, string Owner)>(DueSql, new { now = nowMs, kept = keptMs, count = ExpireBatch })
                .Where(task => !isInUse(task.Id)).ToList();
            foreach (var (id, _) in due)
            {
                connection.Execute(
                    "DELETE FROM task_events WHERE task = @id; DELETE FROM task_messages WHERE task = @id; DELETE FROM task_pushes WHERE task = @id; DELETE FROM tasks WHERE id = @id",
                    new { id });
            }

            return [.. due.GroupBy(task => task.Owner).Select(group => (group.Key, group.Count()))];
        });

    private static bool Write(SqliteConnection connection, TaskWrite write)
    {
        if (!WriteTask(connection, write))
        {
            return false;
        }

        if (write.Events.Count > 0)
        {
            connection.Prepared(EventsSql).Bind(1, write.Id).Bind(2, write.Number).Bind(3, write.Events.Count).Bind(4, TaskEvents.ToBytes(write.Events)).Execute();
        }

        foreach (var (key, hash, message, isOpen) in write.Messages)
        {
            connection.Prepared(MessageSql).Bind(1, key.Owner.Text).Bind(2, key.Agent).Bind(3, key.MessageId).Bind(4, write.Id).Bind(5, message.Place).Bind(6, hash)
                .Bind(7, message.Envelope).Bind(8, message.Sender.ToString()).Bind(9, message.Target.ToString())
                .Bind(10, isOpen ? 1 : 0).Bind(11, message.IsAccepted ? 1 : 0).Bind(12, isOpen ? message.Body : []).Execute();
        }

        foreach (var place in write.Accepted)
        {
            connection.Prepared(AcceptedSql).Bind(1, write.Id).Bind(2, place).Execute();
        }

        foreach (var place in write.Answered)
        {
            connection.Prepared(AnsweredSql).Bind(1, write.Id).Bind(2, place).Execute();
        }

        foreach (var push in write.Pushes)
        {
            Write(connection, push);
        }

        write.End?.Insert(connection);
        return true;
    }

    private static bool WriteTask(SqliteConnection connection, TaskWrite write)
    {
        if (write.Snapshot is not { } snapshot)
        {
            return true;
        }

        if (write.Creation is { } creation)
        {
            connection.Prepared(InsertSql).Bind(1, write.Id).Bind(2, creation.Owner.Text).Bind(3, creation.Agent).Bind(4, creation.Context).Bind(5, (int)snapshot.State)
                .Bind(6, snapshot.StatusAtMs).Bind(7, write.AtMs).Bind(8, snapshot.IsOpen ? 1 : 0).Bind(9, write.Number).Bind(10, snapshot.Head).Bind(11, snapshot.Artifacts).Execute();
            return true;
        }

        return connection.Prepared(UpdateSql).Bind(1, write.Id).Bind(2, (int)snapshot.State).Bind(3, snapshot.StatusAtMs).Bind(4, write.AtMs)
            .Bind(5, snapshot.IsOpen ? 1 : 0).Bind(6, write.Number).Bind(7, snapshot.Head).Bind(8, snapshot.Artifacts).Execute() > 0;
    }

    private static void Write(SqliteConnection connection, StoredPush push) =>
        connection.Prepared(PushSql).Bind(1, push.TaskId).Bind(2, push.Config.Id).Bind(3, push.Number).Bind(4, push.Version == A2aVersion.V1 ? "1.0" : "0.3")
            .Bind(5, push.Config.ToByteArray()).Execute();
}
