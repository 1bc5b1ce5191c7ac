using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Parley.Hub.Connections.Secrets;
using Parley.Protocol.Identity;
using Parley.Sqlite;

namespace Parley.Hub.Connections;

/// <summary>The rows of connections. No rules.</summary>
internal sealed class ConnectionStore(SqliteStore store, Vault vault)
{
    private const string Columns = "id, owner, source, target, kind, status, reason, config, sealed, failing_since, created_by, created_at, updated_at";

    /// <summary>All connections.</summary>
    public Task<List<Connection>> LoadAsync(CancellationToken cancellationToken) => store.ReadAsync(
        connection =>
        {
            var row = connection.Prepared($"SELECT {Columns} FROM connections");
            var all = new List<Connection>();
            while (row.Step())
            {
                all.Add(Read(row));
            }

            return all;
        },
        cancellationToken);

    /// <summary>One connection; null for none.</summary>
    public Task<Connection?> FindAsync(string id) => store.ReadAsync(connection =>
    {
        var row = connection.Prepared($"SELECT {Columns} FROM connections WHERE id = ?1").Bind(1, id);
        var found = row.Step() ? Read(row) : null;
        row.Reset();
        return found;
    });

    /// <summary>Writes a connection, new or changed.</summary>
    public Task PutAsync(Connection value, CancellationToken cancellationToken)
    {
        var config = JsonSerializer.Serialize(value.Config, ConnectionJson.Default.ConnectionConfig);
        var sealedBytes = vault.Seal(Purpose(value.Id), JsonSerializer.SerializeToUtf8Bytes(value.Secrets, ConnectionJson.Default.EndpointSecrets));
        return store.WriteAsync(
            connection => connection.Prepared($"INSERT OR REPLACE INTO connections ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)")
                .Bind(1, value.Id).Bind(2, value.Owner).Bind(3, value.SourceName).Bind(4, value.Target?.ToString()).Bind(5, (int)value.Kind).Bind(6, (int)value.Status)
                .Bind(7, value.Reason).Bind(8, config).Bind(9, sealedBytes).Bind(10, value.FailingSince?.ToUnixTimeMilliseconds())
                .Bind(11, value.CreatedBy).Bind(12, value.CreatedAt.ToUnixTimeMilliseconds()).Bind(13, value.UpdatedAt.ToUnixTimeMilliseconds()).Execute(),
            cancellationToken);
    }

    /// <summary>Deletes a connection with all its deliveries.</summary>
    public Task DeleteAsync(string id, CancellationToken cancellationToken) => store.WriteAsync(
        connection =>
        {
            connection.Prepared("DELETE FROM delivery_attempts WHERE delivery IN (SELECT row FROM deliveries WHERE connection = ?1)").Bind(1, id).Execute();
            connection.Prepared("DELETE FROM deliveries WHERE connection = ?1").Bind(1, id).Execute();
            connection.Prepared("DELETE FROM replicas WHERE connection = ?1").Bind(1, id).Execute();
            connection.Prepared("DELETE FROM delivery_leases WHERE connection = ?1").Bind(1, id).Execute();
            connection.Prepared("DELETE FROM connections WHERE id = ?1").Bind(1, id).Execute();
        },
        cancellationToken);

    /// <summary>Rows follow an agent to its new name; part of the rename's commit.</summary>
    public static void Rename(SqliteConnection connection, AgentAddress from, AgentAddress to)
    {
        connection.Prepared("UPDATE connections SET target = ?2 WHERE target = ?1").Bind(1, from.ToString()).Bind(2, to.ToString()).Execute();
        connection.Prepared("UPDATE connections SET source = ?3 WHERE owner = ?1 AND source = ?2").Bind(1, from.Owner).Bind(2, from.Name).Bind(3, to.Name).Execute();
    }

    private static string Purpose(string id) => $"connection {id}";

    private Connection Read(SqliteStatement row)
    {
        var (id, owner, source) = (row.GetText(0)!, row.GetText(1)!, row.GetText(2));
        var config = JsonSerializer.Deserialize(row.GetText(7)!, ConnectionJson.Default.ConnectionConfig)!;
        var secrets = Encoding.UTF8.GetString(vault.Open(Purpose(id), row.GetBytes(8)));
        return new Connection
        {
            Id = id,
            Owner = owner,
            SourceName = source,
            Target = row.GetText(3) is { } target ? AgentAddress.Parse(target) : null,
            Kind = (ConnectionKind)row.GetInt64(4),
            Status = (ConnectionStatus)row.GetInt64(5),
            Reason = row.GetText(6)!,
            Config = config,
            Secrets = JsonSerializer.Deserialize(secrets, ConnectionJson.Default.EndpointSecrets)!,
            FailingSince = row.IsNull(9) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(9)),
            CreatedBy = row.GetText(10)!,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(11)),
            UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(12)),
            Selection = Connection.Compile(owner, source, config),
        };
    }
}
