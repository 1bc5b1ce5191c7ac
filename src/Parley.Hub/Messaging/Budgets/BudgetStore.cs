using Parley.Sqlite;

namespace Parley.Hub.Messaging.Budgets;

/// <summary>Rows of <c>agent_budgets</c>: agents with limits of their own, and paused ones. No rules.</summary>
internal sealed class BudgetStore(SqliteStore store)
{
    /// <summary>The table, by the agent's row; limits are null where the hub's hold.</summary>
    public const string Sql = """
        CREATE TABLE agent_budgets (
          agent_id INTEGER PRIMARY KEY,
          messages INTEGER,
          tokens INTEGER,
          paused_at INTEGER,
          reason TEXT NOT NULL
        );
        """;

    /// <summary>All rows.</summary>
    public Task<List<(long AgentId, long? Messages, long? Tokens, DateTimeOffset? PausedAt, string Reason)>> LoadAsync(CancellationToken cancellationToken) => store.ReadAsync(
        connection =>
        {
            var row = connection.Prepared("SELECT agent_id, messages, tokens, paused_at, reason FROM agent_budgets");
            var all = new List<(long, long?, long?, DateTimeOffset?, string)>();
            while (row.Step())
            {
                all.Add((
                    row.GetInt64(0), row.IsNull(1) ? null : row.GetInt64(1), row.IsNull(2) ? null : row.GetInt64(2),
                    row.IsNull(3) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)), row.GetText(4)!));
            }

            return all;
        },
        cancellationToken);

    /// <summary>Writes the row of an agent that is there.</summary>
    public Task PutAsync(long agentId, long? messages, long? tokens, DateTimeOffset? pausedAt, string reason) => store.WriteAsync(connection => connection.Prepared(
        "INSERT OR REPLACE INTO agent_budgets (agent_id, messages, tokens, paused_at, reason) SELECT id, ?2, ?3, ?4, ?5 FROM agents WHERE id = ?1")
        .Bind(1, agentId).Bind(2, messages).Bind(3, tokens).Bind(4, pausedAt?.ToUnixTimeMilliseconds()).Bind(5, reason).Execute());

    /// <summary>Deletes rows of agents that are gone, and those that say nothing.</summary>
    public Task DeleteGoneAsync() => store.WriteAsync(connection => connection.Prepared(
        "DELETE FROM agent_budgets WHERE agent_id NOT IN (SELECT id FROM agents) OR (messages IS NULL AND tokens IS NULL AND paused_at IS NULL)").Execute());
}
