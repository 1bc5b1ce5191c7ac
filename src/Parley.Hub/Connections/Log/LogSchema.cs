namespace Parley.Hub.Connections.Log;

/// <summary>The message log's table as it is since rows are searched; Storage/HubSchema puts it into a migration.</summary>
/// <remarks>
/// A row is the agent's view of one message: <c>outgoing</c> is the sender's, <c>incoming</c> the receiver's. Ids are unique for their sender alone, so <c>peer</c> is a part of the key.
/// The key begins with agent and time: a search by agent reads it, and new rows of an agent come to the end of its part, not to a random place.
/// </remarks>
internal static class LogSchema
{
    /// <summary>SQL of the migration.</summary>
    public const string Sql = """
        ALTER TABLE a2a_messages RENAME TO a2a_messages_before;
        DROP INDEX a2a_messages_by_time;
        CREATE TABLE a2a_messages (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          direction TEXT NOT NULL CHECK (direction IN ('outgoing', 'incoming')),
          connection_id TEXT,
          content TEXT,
          status TEXT NOT NULL CHECK (status IN ('sent', 'delivered', 'failed')),
          created_at INTEGER NOT NULL,
          message_id TEXT NOT NULL,
          owner TEXT NOT NULL,
          agent TEXT NOT NULL,
          peer TEXT NOT NULL,
          type TEXT NOT NULL,
          thread TEXT NOT NULL,
          correlation TEXT NOT NULL,
          error TEXT NOT NULL,
          latency_ms INTEGER
        );
        INSERT INTO a2a_messages
          SELECT id, direction, connection_id, content, status, created_at, message_id, substr(agent, 1, instr(agent, '.') - 1), agent, peer, type, thread, correlation, error, latency_ms
          FROM a2a_messages_before;
        DROP TABLE a2a_messages_before;
        CREATE UNIQUE INDEX a2a_messages_by_agent ON a2a_messages (agent, created_at, message_id, direction, peer);
        CREATE INDEX a2a_messages_by_owner ON a2a_messages (owner, created_at);
        CREATE INDEX a2a_messages_by_time ON a2a_messages (created_at);
        CREATE INDEX a2a_messages_by_connection ON a2a_messages (connection_id, created_at) WHERE connection_id IS NOT NULL;
        CREATE INDEX a2a_messages_undelivered ON a2a_messages (owner, status, created_at) WHERE status <> 'delivered';
        """;
}
