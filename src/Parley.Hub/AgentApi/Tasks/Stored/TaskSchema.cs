namespace Parley.Hub.AgentApi.Tasks.Stored;

/// <summary>The tables of tasks; Storage/HubSchema puts them into a migration.</summary>
/// <remarks>
/// A task is its snapshot and the events after it: <c>head</c> is an lf.a2a.v1.Task without artifacts, <c>artifacts</c> one with nothing else, both as of event <c>number</c>.
/// A row of <c>task_events</c> holds <c>count</c> events, the last of which has <c>number</c>, as StreamResponses with their lengths before them.
/// A row of <c>task_messages</c> is a message of the caller; <c>body</c> is what the agent is sent, for as long as it has not answered.
/// A row of <c>task_pushes</c> is a push config; <c>number</c> is the last event that its address has.
/// </remarks>
internal static class TaskSchema
{
    /// <summary>SQL of the step that lets an agent's tasks be kept for a time of their own. The index has all that the sweep asks, so that it reads no task that stays.</summary>
    public const string RetentionSql = """
        ALTER TABLE agents ADD COLUMN task_retention INTEGER;
        DROP INDEX tasks_by_change;
        CREATE INDEX tasks_by_change ON tasks (changed_at, is_open, agent);
        """;

    /// <summary>SQL of the migration.</summary>
    public const string Sql = """
        CREATE TABLE tasks (
          row INTEGER PRIMARY KEY AUTOINCREMENT,
          id TEXT NOT NULL UNIQUE,
          owner TEXT NOT NULL,
          agent TEXT NOT NULL,
          context TEXT NOT NULL,
          state INTEGER NOT NULL,
          status_at INTEGER NOT NULL,
          changed_at INTEGER NOT NULL,
          is_open INTEGER NOT NULL,
          number INTEGER NOT NULL,
          head BLOB NOT NULL,
          artifacts BLOB NOT NULL
        );
        CREATE INDEX tasks_by_owner ON tasks (owner, agent, status_at, row);
        CREATE INDEX tasks_by_change ON tasks (changed_at);
        CREATE TABLE task_events (
          task TEXT NOT NULL,
          number INTEGER NOT NULL,
          count INTEGER NOT NULL,
          events BLOB NOT NULL,
          PRIMARY KEY (task, number)
        ) WITHOUT ROWID;
        CREATE TABLE task_messages (
          owner TEXT NOT NULL,
          agent TEXT NOT NULL,
          message TEXT NOT NULL,
          task TEXT NOT NULL,
          place INTEGER NOT NULL,
          hash BLOB NOT NULL,
          envelope TEXT NOT NULL,
          sender TEXT NOT NULL,
          target TEXT NOT NULL,
          is_open INTEGER NOT NULL,
          is_accepted INTEGER NOT NULL,
          body BLOB,
          PRIMARY KEY (owner, agent, message)
        ) WITHOUT ROWID;
        CREATE INDEX task_messages_by_task ON task_messages (task, place);
        CREATE INDEX task_messages_open ON task_messages (task) WHERE is_open = 1;
        CREATE TABLE task_pushes (
          task TEXT NOT NULL,
          id TEXT NOT NULL,
          number INTEGER NOT NULL,
          version TEXT NOT NULL,
          config BLOB NOT NULL,
          PRIMARY KEY (task, id)
        ) WITHOUT ROWID;
        """;

    /// <summary>SQL of a later migration: one tree less to write for each task, and only one that grows in random places.</summary>
    public const string MessagesByTaskSql = """
        CREATE TABLE task_messages_moved (
          task TEXT NOT NULL,
          place INTEGER NOT NULL,
          owner TEXT NOT NULL,
          agent TEXT NOT NULL,
          message TEXT NOT NULL,
          hash BLOB NOT NULL,
          envelope TEXT NOT NULL,
          sender TEXT NOT NULL,
          target TEXT NOT NULL,
          is_open INTEGER NOT NULL,
          is_accepted INTEGER NOT NULL,
          body BLOB,
          PRIMARY KEY (task, place)
        ) WITHOUT ROWID;
        INSERT INTO task_messages_moved (task, place, owner, agent, message, hash, envelope, sender, target, is_open, is_accepted, body)
          SELECT task, place, owner, agent, message, hash, envelope, sender, target, is_open, is_accepted, body FROM task_messages;
        DROP TABLE task_messages;
        ALTER TABLE task_messages_moved RENAME TO task_messages;
        CREATE UNIQUE INDEX task_messages_by_key ON task_messages (owner, agent, message);
        CREATE INDEX task_messages_open ON task_messages (task) WHERE is_open = 1;
        """;
}
