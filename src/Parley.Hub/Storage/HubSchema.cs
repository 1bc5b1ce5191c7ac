using Parley.Hub.AgentApi.Cards;
using Parley.Hub.AgentApi.Tasks.Stored;
using Parley.Hub.AgentApi.Conversations;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Log;
using Parley.Hub.Connections.Schedules;
using Parley.Hub.Connections.State;
using Parley.Hub.Identity.Visitors;
using Parley.Hub.Messaging;
using Parley.Hub.Messaging.Budgets;
using Parley.Sqlite;

namespace Parley.Hub.Storage;

/// <summary>The hub's tables, as steps that only ever grow. Times are INTEGER Unix milliseconds, secrets are SHA-256 hashes.</summary>
/// <remarks>StorageSchemaTests holds the result against a golden file: a column that could hold content does not slip in unseen.</remarks>
internal static class HubSchema
{
    /// <summary>The steps, oldest first. A released step never changes; append the next one.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new(1, "identity, contacts, audit, message log", Identity),
        new(2, "mailbox and receipts", MailboxSchema.Sql),
        new(3, "names that agents had before", FormerNames),
        new(4, "visibility and agent cards", CardSchema.Sql),
        new(5, "tasks", TaskSchema.Sql),
        new(6, "responses that can be followed", ResponseStore.Sql),
        new(7, "messages of tasks beside their tasks", TaskSchema.MessagesByTaskSql),
        new(8, "retention of tasks per agent", TaskSchema.RetentionSql),
        new(9, "connections, events, deliveries, secrets", ConnectionSchema.Sql),
        new(10, "shared states and their replicas", StateStore.Sql + ReplicaStore.Sql),
        new(11, "schedules and budgets", ScheduleStore.Sql + BudgetStore.Sql),
        new(12, "a message log that is searched", LogSchema.Sql),
        new(13, "lists of deliveries by owner", ConnectionSchema.ListsSql),
        new(14, "the chains that schedules follow from", ScheduleStore.ChainSql),
        new(15, "invites and visitors", VisitorSchema.Sql),
        new(16, "envelopes of removed senders", MailboxSchema.OrphansSql),
    ];

    private const string FormerNames = """
        CREATE TABLE former_names (
          owner TEXT NOT NULL,
          name TEXT NOT NULL,
          agent_id INTEGER NOT NULL,
          PRIMARY KEY (owner, name)
        ) WITHOUT ROWID;
        """;

    private const string Identity = """
        CREATE TABLE meta (
          key TEXT PRIMARY KEY,
          value TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE agents (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          owner TEXT NOT NULL,
          name TEXT NOT NULL,
          public_key BLOB NOT NULL,
          key_agreement BLOB NOT NULL,
          tls_key BLOB NOT NULL,
          binding_signature BLOB NOT NULL,
          labels TEXT NOT NULL,
          enforced_labels TEXT NOT NULL,
          is_public INTEGER NOT NULL,
          token TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          key_at INTEGER NOT NULL,
          UNIQUE (owner, name)
        );
        CREATE UNIQUE INDEX agents_by_key ON agents (public_key) WHERE length(public_key) > 0;
        CREATE INDEX agents_by_token ON agents (token);
        CREATE TABLE join_tokens (
          id TEXT PRIMARY KEY,
          secret_hash BLOB NOT NULL UNIQUE,
          owner TEXT NOT NULL,
          labels TEXT NOT NULL,
          agent_id INTEGER,
          max_agents INTEGER,
          max_uses INTEGER,
          uses INTEGER NOT NULL,
          created_by TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          expires_at INTEGER,
          revoked_at INTEGER
        ) WITHOUT ROWID;
        CREATE TABLE api_keys (
          id TEXT PRIMARY KEY,
          secret_hash BLOB NOT NULL UNIQUE,
          owner TEXT NOT NULL,
          scopes TEXT NOT NULL,
          created_by TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          expires_at INTEGER,
          revoked_at INTEGER,
          last_used_at INTEGER
        ) WITHOUT ROWID;
        CREATE TABLE contacts (
          owner TEXT NOT NULL,
          sender_owner TEXT NOT NULL,
          sender_name TEXT NOT NULL,
          state INTEGER NOT NULL,
          created_at INTEGER NOT NULL,
          decided_at INTEGER,
          PRIMARY KEY (owner, sender_owner, sender_name)
        ) WITHOUT ROWID;
        CREATE TABLE audit (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          at INTEGER NOT NULL,
          actor TEXT NOT NULL,
          act TEXT NOT NULL,
          target TEXT NOT NULL,
          detail TEXT NOT NULL,
          source TEXT NOT NULL
        );
        CREATE TABLE epochs (
          agent TEXT NOT NULL,
          role INTEGER NOT NULL,
          epoch INTEGER NOT NULL,
          PRIMARY KEY (agent, role)
        ) WITHOUT ROWID;
        CREATE TABLE a2a_messages (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          direction TEXT NOT NULL CHECK (direction IN ('outgoing', 'incoming')),
          connection_id TEXT,
          content TEXT,
          status TEXT NOT NULL CHECK (status IN ('sent', 'delivered', 'failed')),
          created_at INTEGER NOT NULL,
          message_id TEXT NOT NULL,
          agent TEXT NOT NULL,
          peer TEXT NOT NULL,
          type TEXT NOT NULL,
          thread TEXT NOT NULL,
          correlation TEXT NOT NULL,
          error TEXT NOT NULL,
          latency_ms INTEGER,
          UNIQUE (agent, message_id, direction)
        );
        CREATE INDEX a2a_messages_by_time ON a2a_messages (created_at);
        """;
}
