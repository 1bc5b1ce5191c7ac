using Parley.Hub.Connections.Secrets;

namespace Parley.Hub.Connections;

/// <summary>The tables of connections, events and deliveries; Storage/HubSchema puts them into a migration.</summary>
/// <remarks>
/// <c>connections.sealed</c> is encrypted: signing secrets, credentials, headers. <c>events.data</c> is what the emitter said, kept once for all deliveries of it.
/// <c>deliveries.state</c>: 0 waits, 1 taken, 2 dead letter; <c>attempts</c> counts all, <c>tries</c> those since the last replay; <c>lane</c> is null where order does not matter.
/// </remarks>
internal static class ConnectionSchema
{
    /// <summary>SQL of the migration.</summary>
    public const string Sql = """
        CREATE TABLE connections (
          id TEXT PRIMARY KEY,
          owner TEXT NOT NULL,
          source TEXT,
          target TEXT,
          kind INTEGER NOT NULL,
          status INTEGER NOT NULL,
          reason TEXT NOT NULL,
          config TEXT NOT NULL,
          sealed BLOB NOT NULL,
          failing_since INTEGER,
          created_by TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE events (
          number INTEGER PRIMARY KEY AUTOINCREMENT,
          id TEXT NOT NULL,
          owner TEXT NOT NULL,
          source TEXT NOT NULL,
          type TEXT NOT NULL,
          subject TEXT NOT NULL,
          at INTEGER NOT NULL,
          hops INTEGER NOT NULL,
          trace TEXT NOT NULL,
          data BLOB NOT NULL,
          UNIQUE (source, id)
        );
        CREATE INDEX events_by_time ON events (at);
        CREATE TABLE deliveries (
          row INTEGER PRIMARY KEY AUTOINCREMENT,
          id TEXT NOT NULL UNIQUE,
          connection TEXT NOT NULL,
          event INTEGER NOT NULL,
          lane TEXT,
          state INTEGER NOT NULL,
          attempts INTEGER NOT NULL,
          tries INTEGER NOT NULL,
          due_at INTEGER NOT NULL,
          created_at INTEGER NOT NULL,
          ended_at INTEGER,
          error TEXT NOT NULL
        );
        CREATE INDEX deliveries_due ON deliveries (connection, due_at, row) WHERE state = 0;
        CREATE INDEX deliveries_in_lanes ON deliveries (connection, lane, row) WHERE state = 0;
        CREATE INDEX deliveries_by_connection ON deliveries (connection, state, row);
        CREATE INDEX deliveries_by_event ON deliveries (event);
        CREATE INDEX deliveries_by_end ON deliveries (state, ended_at);
        CREATE TABLE delivery_attempts (
          delivery INTEGER NOT NULL,
          number INTEGER NOT NULL,
          at INTEGER NOT NULL,
          duration_ms INTEGER NOT NULL,
          status INTEGER,
          error TEXT NOT NULL,
          PRIMARY KEY (delivery, number)
        ) WITHOUT ROWID;

        """ + SecretStore.Sql;

    /// <summary>SQL of a later migration: lists of an owner's deliveries, and of all that are open, by an index.</summary>
    public const string ListsSql = """
        ALTER TABLE deliveries ADD COLUMN owner TEXT NOT NULL DEFAULT '';
        UPDATE deliveries SET owner = coalesce((SELECT owner FROM connections WHERE id = deliveries.connection), '');
        CREATE INDEX deliveries_by_owner ON deliveries (owner, state, row);
        CREATE INDEX deliveries_open ON deliveries (state, row) WHERE state <> 1;
        CREATE TABLE delivery_leases (
          connection TEXT PRIMARY KEY,
          node TEXT NOT NULL,
          beat INTEGER NOT NULL
        ) WITHOUT ROWID;
        """;
}
