using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Tasks;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Identity;
using Parley.Sqlite;

namespace Parley.Hub.AgentApi.Tasks.Stored;

/// <summary>Reads tasks. Whose a task is stands in every query: one that is not the caller's is never read.</summary>
internal sealed class TaskReader
{
    private const string FindSql = "SELECT agent, number, head, artifacts FROM tasks WHERE id = ?1 AND owner = ?2";
    private const string EventsSql = "SELECT number, count, events FROM task_events WHERE task = ?1 AND number > ?2 ORDER BY number";
    private const string BytesSql = "SELECT coalesce(sum(length(events)), 0) FROM task_events WHERE task = ?1";
    private const string SendSql = "SELECT task, hash FROM task_messages WHERE owner = ?1 AND agent = ?2 AND message = ?3";
    private const string PushesSql = "SELECT number, version, config FROM task_pushes WHERE task = ?1 ORDER BY id";
    private const string PlaceSql = "SELECT coalesce(max(place), 0) FROM task_messages WHERE task = ?1";

    private const string FilterSql = "FROM tasks WHERE owner = ?1 AND agent = ?2 AND status_at >= ?3 AND (?4 = '' OR context = ?4) AND (?5 = 0 OR state = ?5)";
    private const string TotalSql = "SELECT count(*) " + FilterSql;
    private const string ListSql = "SELECT row, id, status_at " + FilterSql + " AND (status_at, row) < (?6, ?7) ORDER BY status_at DESC, row DESC LIMIT ?8";
    private const long MaxPageBytes = 16L << 20;

    private const string OpenSql =
        "SELECT place, envelope, sender, target, is_accepted, body FROM task_messages WHERE task = ?1 AND is_open = 1 ORDER BY place";

    private readonly SqliteStore _store;

    /// <summary>Tasks in a store that has the schema.</summary>
    public TaskReader(SqliteStore store) => _store = store;

    /// <summary>A task of an owner with all that was committed of it; null when there is none.</summary>
    public Task<StoredTask?> FindAsync(string id, TaskOwner owner, CancellationToken cancellationToken) =>
        _store.ReadAsync(connection => Find(connection, id, owner), cancellationToken);

    /// <summary>A task whoever owns it, for work that the hub does by itself; null when there is none.</summary>
    public Task<StoredTask?> FindAnyAsync(string id, CancellationToken cancellationToken) => _store.ReadAsync(
        connection =>
        {
            var statement = connection.Prepared("SELECT owner FROM tasks WHERE id = ?1").Bind(1, id);
            var owner = statement.Step() ? statement.GetText(0) : null;
            statement.Reset();
            return owner is null ? null : Find(connection, id, new TaskOwner(owner));
        },
        cancellationToken);

    /// <summary>The number of a task's last event.</summary>
    public Task<long> LastNumberAsync(string id, CancellationToken cancellationToken) =>
        _store.ReadAsync(connection => Scalar(connection, "SELECT coalesce(max(number), 0) FROM task_events WHERE task = ?1", id), cancellationToken);

    /// <summary>The same as <see cref="FindAsync"/>, and which place its next message has.</summary>
    public Task<(StoredTask Task, int Messages, bool HasPushes)?> OpenAsync(string id, TaskOwner owner, CancellationToken cancellationToken) =>
        _store.ReadAsync<(StoredTask, int, bool)?>(
            connection => Find(connection, id, owner) is { } task ? (Weighed(connection, task), (int)Scalar(connection, PlaceSql, id), Pushes(connection, id).Count > 0) : null, cancellationToken);

    /// <summary>The events after one, up to a number of bytes but at least one.</summary>
    public Task<IReadOnlyList<TaskEvent>> EventsAsync(string id, long after, long maxBytes, CancellationToken cancellationToken) =>
        _store.ReadAsync<IReadOnlyList<TaskEvent>>(
            connection =>
            {
                var found = new List<TaskEvent>();
                long bytes = 0;
                var statement = connection.Prepared(EventsSql).Bind(1, id).Bind(2, after);
                while (bytes < maxBytes && statement.Step())
                {
                    bytes += Add(statement, after, found);
                }

                statement.Reset();
                return found;
            },
            cancellationToken);

    /// <summary>What a caller sent before under an id; null when nothing.</summary>
    public Task<KnownSend?> FindSendAsync(SendKey key, CancellationToken cancellationToken) => _store.ReadAsync(
        connection =>
        {
            var statement = connection.Prepared(SendSql).Bind(1, key.Owner.Text).Bind(2, key.Agent).Bind(3, key.MessageId);
            var known = statement.Step() ? new KnownSend(statement.GetText(0)!, statement.GetBytes(1).ToArray()) : null;
            statement.Reset();
            return known;
        },
        cancellationToken);

    /// <summary>The push configs of a task.</summary>
    public Task<IReadOnlyList<StoredPush>> PushesAsync(string id, CancellationToken cancellationToken) =>
        _store.ReadAsync<IReadOnlyList<StoredPush>>(connection => Pushes(connection, id), cancellationToken);

    /// <summary>Tasks whose push configs are behind, by id; read once, at the start.</summary>
    public Task<IReadOnlyList<string>> BehindAsync() => _store.ReadAsync<IReadOnlyList<string>>(connection =>
    {
        var found = new List<string>();
        var statement = connection.Prepared(
            "SELECT DISTINCT task FROM task_pushes WHERE number < (SELECT max(task_events.number) FROM task_events WHERE task_events.task = task_pushes.task)");
        while (statement.Step())
        {
            found.Add(statement.GetText(0)!);
        }

        return found;
    });

    /// <summary>The tasks that agents have in hand, with their messages; read once, at the start.</summary>
    public Task<IReadOnlyList<(StoredTask Task, int Messages, bool HasPushes, IReadOnlyList<OpenMessage> Open)>> LoadOpenAsync() =>
        _store.ReadAsync<IReadOnlyList<(StoredTask, int, bool, IReadOnlyList<OpenMessage>)>>(connection =>
        {
            var ids = new List<(string Id, string Owner)>();
            var statement = connection.Prepared("SELECT id, owner FROM tasks WHERE id IN (SELECT task FROM task_messages WHERE is_open = 1) ORDER BY row");
            while (statement.Step())
            {
                ids.Add((statement.GetText(0)!, statement.GetText(1)!));
            }

            return
            [
                .. ids.Select(task => (
                    Weighed(connection, Find(connection, task.Id, new TaskOwner(task.Owner))!), (int)Scalar(connection, PlaceSql, task.Id), Pushes(connection, task.Id).Count > 0, OpenMessages(connection, task.Id)))
            ];
        });

    /// <summary>How many tasks each owner has; read once, at the start.</summary>
    public Task<IReadOnlyList<(string Owner, long Count)>> CountAsync() => _store.ReadAsync<IReadOnlyList<(string, long)>>(connection =>
    {
        var found = new List<(string, long)>();
        var statement = connection.Prepared("SELECT owner, count(*) FROM tasks GROUP BY owner");
        while (statement.Step())
        {
            found.Add((statement.GetText(0)!, statement.GetInt64(1)));
        }

        return found;
    });

    /// <summary>A page of an owner's tasks, newest status first. What is large is not read unless it is asked for, and then the page is cut short.</summary>
    public Task<ListTasksResponse> ListAsync(TaskQuery query, CancellationToken cancellationToken) => _store.ReadAsync(
        connection =>
        {
            var page = new ListTasksResponse { PageSize = query.PageSize, TotalSize = (int)Math.Min(int.MaxValue, Total(connection, query)) };
            var rows = Rows(connection, query);
            long bytes = 0;
            foreach (var (row, id, statusAtMs) in rows.Take(query.PageSize))
            {
                if (bytes > MaxPageBytes)
                {
                    break;
                }

                var task = new AgentTask(query.WithArtifacts ? Find(connection, id, query.Owner)!.Task : Head(connection, row)).View(query.HistoryLength, query.WithArtifacts);
                bytes += task.CalculateSize();
                page.Tasks.Add(task);
                page.NextPageToken = new TaskCursor(statusAtMs, row).ToText(query);
            }

            page.NextPageToken = page.Tasks.Count < rows.Count ? page.NextPageToken : string.Empty;
            return page;
        },
        cancellationToken);

    private static List<(long Row, string Id, long StatusAtMs)> Rows(SqliteConnection connection, TaskQuery query)
    {
        var found = new List<(long, string, long)>();
        var cursor = query.Cursor ?? new TaskCursor(long.MaxValue, long.MaxValue);
        var statement = Filtered(connection.Prepared(ListSql), query).Bind(6, cursor.StatusAtMs).Bind(7, cursor.Row).Bind(8, query.PageSize + 1);
        while (statement.Step())
        {
            found.Add((statement.GetInt64(0), statement.GetText(1)!, statement.GetInt64(2)));
        }

        return found;
    }

    private static long Total(SqliteConnection connection, TaskQuery query)
    {
        var statement = Filtered(connection.Prepared(TotalSql), query);
        statement.Step();
        var total = statement.GetInt64(0);
        statement.Reset();
        return total;
    }

    private static SqliteStatement Filtered(SqliteStatement statement, TaskQuery query) => statement
        .Bind(1, query.Owner.Text).Bind(2, query.Agent.ToString()).Bind(3, query.AfterMs).Bind(4, query.Context).Bind(5, (int)query.State);

    private static Gateway.Wire.V1.Task Head(SqliteConnection connection, long row)
    {
        var statement = connection.Prepared("SELECT head FROM tasks WHERE row = ?1").Bind(1, row);
        statement.Step();
        var head = Gateway.Wire.V1.Task.Parser.ParseFrom(statement.GetBytes(0));
        statement.Reset();
        return head;
    }

    private static StoredTask? Find(SqliteConnection connection, string id, TaskOwner owner)
    {
        var statement = connection.Prepared(FindSql).Bind(1, id).Bind(2, owner.Text);
        if (!statement.Step())
        {
            return null;
        }

        var (agent, number) = (AgentAddress.Parse(statement.GetText(0)!), statement.GetInt64(1));
        var stored = Gateway.Wire.V1.Task.Parser.ParseFrom(statement.GetBytes(2));
        stored.MergeFrom(statement.GetBytes(3));
        statement.Reset();

        // Chunks that came after the last change of state.
        var later = new List<TaskEvent>();
        var events = connection.Prepared(EventsSql).Bind(1, id).Bind(2, number);
        while (events.Step())
        {
            Add(events, number, later);
        }

        if (later.Count > 0)
        {
            var task = new AgentTask(stored);
            later.ForEach(one => task.Apply(one.Response));
            (stored, number) = (task.Borrow(), later[^1].Number);
        }

        return new StoredTask(id, owner, agent, number, 0, stored);
    }

    private static StoredTask Weighed(SqliteConnection connection, StoredTask task) => task with { Bytes = Scalar(connection, BytesSql, task.Id) };

    private static long Add(SqliteStatement row, long after, List<TaskEvent> found)
    {
        var number = row.GetInt64(0) - row.GetInt64(1);
        var bytes = row.GetBytes(2);
        foreach (var response in TaskEvents.Read(bytes))
        {
            if (++number > after)
            {
                found.Add(new TaskEvent(number, response));
            }
        }

        return bytes.Length;
    }

    private static List<OpenMessage> OpenMessages(SqliteConnection connection, string id)
    {
        var found = new List<OpenMessage>();
        var statement = connection.Prepared(OpenSql).Bind(1, id);
        while (statement.Step())
        {
            found.Add(new OpenMessage(
                (int)statement.GetInt64(0), statement.GetText(1)!, AgentAddress.Parse(statement.GetText(2)!), AgentAddress.Parse(statement.GetText(3)!),
                statement.GetInt64(4) != 0, statement.GetBytes(5).ToArray()));
        }

        return found;
    }

    private static List<StoredPush> Pushes(SqliteConnection connection, string id)
    {
        var found = new List<StoredPush>();
        var statement = connection.Prepared(PushesSql).Bind(1, id);
        while (statement.Step())
        {
            found.Add(new StoredPush(
                id, statement.GetInt64(0), statement.GetText(1) == "1.0" ? A2aVersion.V1 : A2aVersion.V03, TaskPushNotificationConfig.Parser.ParseFrom(statement.GetBytes(2))));
        }

        return found;
    }

    private static long Scalar(SqliteConnection connection, string sql, string id)
    {
        var statement = connection.Prepared(sql).Bind(1, id);
        statement.Step();
        var value = statement.GetInt64(0);
        statement.Reset();
        return value;
    }
}
