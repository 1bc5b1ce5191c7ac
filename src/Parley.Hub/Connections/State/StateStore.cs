using Microsoft.Data.Sqlite;
using Parley.Sqlite;

namespace Parley.Hub.Connections.State;

/// <summary>Rows of <c>states</c>. No rules.</summary>
internal sealed class StateStore(SqliteStore store)
{
    /// <summary>The table.</summary>
    /// <remarks>By the agent's row, so that a rename changes nothing here; rows of agents that are gone are deleted by <see cref="DeleteGoneAsync"/>, and nobody reads them before.</remarks>
    public const string Sql = """
        CREATE TABLE states (
          agent_id INTEGER PRIMARY KEY,
          version INTEGER NOT NULL,
          data BLOB NOT NULL,
          updated_at INTEGER NOT NULL
        );
        """;

    /// <summary>An agent's state.</summary>
    public Task<AgentState> ReadAsync(long agentId, CancellationToken cancellationToken) => store.ReadAsync(connection => Read(connection, agentId), cancellationToken);

    /// <summary>Versions and times of the states of these agents; of those that have one.</summary>
    public Task<Dictionary<long, AgentState>> ListAsync(IReadOnlyCollection<long> agentIds, CancellationToken cancellationToken) => store.ReadAsync(
        connection =>
        {
            var found = new Dictionary<long, AgentState>();
            foreach (var id in agentIds)
            {
                if (Read(connection, id) is { Version: > 0 } state)
                {
                    found[id] = state with { Data = [] };
                }
            }

            return found;
        },
        cancellationToken);

    /// <summary>Reads in somebody's work.</summary>
    public static AgentState Read(SqliteConnection connection, long agentId)
    {
        var row = connection.Prepared("SELECT version, data, updated_at FROM states WHERE agent_id = ?1").Bind(1, agentId);
        var state = row.Step() ? new AgentState(row.GetInt64(0), row.GetBytes(1).ToArray(), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2))) : AgentState.None;
        row.Reset();
        return state;
    }

    /// <summary>Writes the next version, unless somebody else did or the agent is gone: then false.</summary>
    public static bool TryWrite(SqliteConnection connection, long agentId, AgentState next)
    {
        var at = next.UpdatedAt!.Value.ToUnixTimeMilliseconds();
        return next.Version == 1
            ? connection.Prepared("INSERT OR IGNORE INTO states (agent_id, version, data, updated_at) SELECT id, 1, ?2, ?3 FROM agents WHERE id = ?1")
                .Bind(1, agentId).Bind(2, next.Data).Bind(3, at).Execute() == 1
            : connection.Prepared("UPDATE states SET version = ?2, data = ?3, updated_at = ?4 WHERE agent_id = ?1 AND version = ?2 - 1")
                .Bind(1, agentId).Bind(2, next.Version).Bind(3, next.Data).Bind(4, at).Execute() == 1;
    }

    /// <summary>Deletes states and replicas of agents and connections that are gone.</summary>
    public Task DeleteGoneAsync() => store.WriteAsync(connection =>
    {
        connection.Prepared("DELETE FROM states WHERE agent_id NOT IN (SELECT id FROM agents)").Execute();
        connection.Prepared("DELETE FROM replicas WHERE agent_id NOT IN (SELECT id FROM agents) OR connection NOT IN (SELECT id FROM connections)").Execute();
    });
}
