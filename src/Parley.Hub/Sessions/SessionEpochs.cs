using Dapper;
using Microsoft.Data.Sqlite;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Hub.Sessions;

/// <summary>Numbers the attachments of each agent and role; they come from the store, so they never go back.</summary>
internal sealed class SessionEpochs
{
    /// <summary>The row of <c>meta</c> below which no epoch is given; a restored store has it, since its counts are older than what clients saw.</summary>
    public const string FloorKey = "epochs.floor";

    private const string NextSql =
        "INSERT INTO epochs (agent, role, epoch) VALUES (@agent, @role, coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'epochs.floor'), 0) + 1) " +
        "ON CONFLICT (agent, role) DO UPDATE SET epoch = max(epoch + 1, excluded.epoch) RETURNING epoch";

    private readonly SqliteStore _store;

    /// <summary>Epochs in a store that has the table.</summary>
    public SessionEpochs(SqliteStore store) => _store = store;

    /// <summary>An agent's numbers go on under its new name, above those that the name had before; part of the commit that renames it.</summary>
    public static void Rename(SqliteConnection connection, AgentAddress from, AgentAddress to) => connection.Execute(
        "INSERT INTO epochs (agent, role, epoch) SELECT @to, role, epoch FROM epochs WHERE agent = @from AND true " +
        "ON CONFLICT (agent, role) DO UPDATE SET epoch = max(epoch, excluded.epoch)",
        new { from = from.ToString(), to = to.ToString() });

    /// <summary>The next epoch.</summary>
    public Task<ulong> NextAsync(AgentAddress agent, SessionRole role, CancellationToken cancellationToken) =>
        _store.WriteAsync(
            connection => (ulong)connection.ExecuteScalar<long>(
                NextSql,
                new { agent = agent.ToString(), role = (int)role }),
            cancellationToken);
}
