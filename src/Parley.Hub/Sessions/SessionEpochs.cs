using Dapper;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Hub.Sessions;

/// <summary>Numbers the attachments of each agent and role; they come from the store, so they never go back.</summary>
internal sealed class SessionEpochs
{
    private readonly SqliteStore _store;

    /// <summary>Epochs in a store that has the table.</summary>
    public SessionEpochs(SqliteStore store) => _store = store;

    /// <summary>The next epoch.</summary>
    public Task<ulong> NextAsync(AgentAddress agent, SessionRole role, CancellationToken cancellationToken) =>
        _store.WriteAsync(
            connection => (ulong)connection.ExecuteScalar<long>(
                "INSERT INTO epochs (agent, role, epoch) VALUES (@agent, @role, 1) ON CONFLICT (agent, role) DO UPDATE SET epoch = epoch + 1 RETURNING epoch",
                new { agent = agent.ToString(), role = (int)role }),
            cancellationToken);
}
