using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Parley.Sqlite;

namespace Parley.Hub.Connections.State;

/// <summary>Rows of <c>replicas</c>: for each connection and source what the target has, and what is on its way to it.</summary>
/// <remarks>
/// A patch leads from what the target surely has to the state as it is. As soon as something went out whose end is not known, only a snapshot is right: so a gap heals by itself.
/// What goes out under one delivery stays the same over its attempts.
/// </remarks>
internal sealed class ReplicaStore(SqliteStore store)
{
    /// <summary>The table. <c>data</c> is null until the target took a snapshot; <c>sending_base</c> is null for a snapshot.</summary>
    public const string Sql = """
        CREATE TABLE replicas (
          connection TEXT NOT NULL,
          agent_id INTEGER NOT NULL,
          version INTEGER NOT NULL,
          data BLOB,
          sending TEXT,
          sending_base INTEGER,
          sending_version INTEGER,
          sending_data BLOB,
          PRIMARY KEY (connection, agent_id)
        ) WITHOUT ROWID;
        """;

    /// <summary>What a delivery has to say; null when the target has it all already.</summary>
    /// <param name="connectionId">The connection.</param>
    /// <param name="fields">Its fields.</param>
    /// <param name="agentId">Whose state.</param>
    /// <param name="delivery">The delivery's id.</param>
    /// <param name="cancellationToken">Heeded until the work starts.</param>
    public Task<ReplicaUpdate?> BeginAsync(string connectionId, IReadOnlyList<string> fields, long agentId, string delivery, CancellationToken cancellationToken) => store.WriteAsync(
        connection =>
        {
            var row = Find(connection, connectionId, agentId);
            if (row?.Sending == delivery)
            {
                return new ReplicaUpdate(row.SendingVersion, row.SendingBase, row.Data, row.SendingData!);
            }

            var state = StateStore.Read(connection, agentId);
            var shared = SharedFields.Of(StateJson.Read(state.Data), fields);
            var isSure = row is { Sending: null, Data: not null };
            if (state.Version == 0 || (isSure && JsonNode.DeepEquals(StateJson.Read(row!.Data), shared)))
            {
                return null;
            }

            var data = StateJson.Write(shared);
            long? from = isSure ? row!.Version : null;
            connection.Prepared(
                "INSERT INTO replicas (connection, agent_id, version, data, sending, sending_base, sending_version, sending_data) SELECT ?1, ?2, 0, NULL, ?3, ?4, ?5, ?6 " +
                "WHERE EXISTS (SELECT 1 FROM connections WHERE id = ?1) " +
                "ON CONFLICT DO UPDATE SET sending = ?3, sending_base = ?4, sending_version = ?5, sending_data = ?6")
                .Bind(1, connectionId).Bind(2, agentId).Bind(3, delivery).Bind(4, from).Bind(5, state.Version).Bind(6, data).Execute();
            return new ReplicaUpdate(state.Version, from, row?.Data, data);
        },
        cancellationToken);

    /// <summary>The target took what this delivery said; part of somebody's commit.</summary>
    public static void Taken(SqliteConnection connection, string connectionId, long agentId, string delivery) => connection.Prepared(
        "UPDATE replicas SET version = sending_version, data = sending_data, sending = NULL, sending_base = NULL, sending_version = NULL, sending_data = NULL " +
        "WHERE connection = ?1 AND agent_id = ?2 AND sending = ?3").Bind(1, connectionId).Bind(2, agentId).Bind(3, delivery).Execute();

    /// <summary>The target has something else: it gets a snapshot next. Part of somebody's commit.</summary>
    public static void Lost(SqliteConnection connection, string connectionId, long agentId) =>
        connection.Prepared("DELETE FROM replicas WHERE connection = ?1 AND agent_id = ?2").Bind(1, connectionId).Bind(2, agentId).Execute();

    /// <summary>Everything that a connection has told is worth nothing: each source begins with a snapshot.</summary>
    public Task ResetAsync(string connectionId, CancellationToken cancellationToken) =>
        store.WriteAsync(connection => connection.Prepared("DELETE FROM replicas WHERE connection = ?1").Bind(1, connectionId).Execute(), cancellationToken);

    /// <summary>What the target took last; null for nothing.</summary>
    public Task<AgentState?> FindAsync(string connectionId, long agentId, CancellationToken cancellationToken) => store.ReadAsync(
        connection => Find(connection, connectionId, agentId) is { Data: { } data } row ? new AgentState(row.Version, data, null) : null,
        cancellationToken);

    private static Row? Find(SqliteConnection connection, string connectionId, long agentId)
    {
        var row = connection.Prepared("SELECT version, data, sending, sending_base, sending_version, sending_data FROM replicas WHERE connection = ?1 AND agent_id = ?2").Bind(1, connectionId).Bind(2, agentId);
        var found = row.Step()
            ? new Row(row.GetInt64(0), row.IsNull(1) ? null : row.GetBytes(1).ToArray(), row.GetText(2), row.IsNull(3) ? null : row.GetInt64(3), row.GetInt64(4), row.IsNull(5) ? null : row.GetBytes(5).ToArray())
            : null;
        row.Reset();
        return found;
    }

    private sealed record Row(long Version, byte[]? Data, string? Sending, long? SendingBase, long SendingVersion, byte[]? SendingData);
}

/// <summary>What one delivery tells a target.</summary>
/// <param name="Version">The state's version.</param>
/// <param name="Base">The version that the target must have for the patch; null: it is a snapshot.</param>
/// <param name="Before">What the target has, of a patch.</param>
/// <param name="Data">What it shall have.</param>
internal sealed record ReplicaUpdate(long Version, long? Base, byte[]? Before, byte[] Data);
