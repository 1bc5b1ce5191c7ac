using Parley.Hub.Identity.Visitors;
using Microsoft.Data.Sqlite;
using Parley.Sqlite;

namespace Parley.Hub.Identity;

/// <summary>Rows of <c>join_tokens</c>. No rules: the methods run inside a work of the store.</summary>
internal static class JoinTokenStore
{
    private const string Columns =
        "id, secret_hash, owner, labels, agent_id, max_agents, max_uses, uses, created_by, created_at, expires_at, revoked_at, visitor, host";

    /// <summary>Every token, newest first.</summary>
    public static List<JoinToken> Load(SqliteConnection connection)
    {
        var tokens = new List<JoinToken>();
        var row = connection.Prepared($"SELECT {Columns} FROM join_tokens ORDER BY created_at DESC, id");
        while (row.Step())
        {
            tokens.Add(Read(row));
        }

        return tokens;
    }

    /// <summary>The token whose secret has this hash.</summary>
    public static JoinToken? FindByHash(SqliteConnection connection, byte[] secretHash) =>
        One(connection.Prepared($"SELECT {Columns} FROM join_tokens WHERE secret_hash = ?1").Bind(1, secretHash));

    /// <summary>The token of this id.</summary>
    public static JoinToken? Find(SqliteConnection connection, string id) =>
        One(connection.Prepared($"SELECT {Columns} FROM join_tokens WHERE id = ?1").Bind(1, id));

    /// <summary>Adds a row.</summary>
    public static int Insert(SqliteConnection connection, JoinToken token) =>
        connection.Prepared($"INSERT INTO join_tokens ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)")
            .Bind(1, token.Id).Bind(2, token.SecretHash).Bind(3, token.Owner).Bind(4, LabelsJson.Write(token.Labels)).Bind(5, token.AgentId)
            .Bind(6, token.MaxAgents).Bind(7, token.MaxUses).Bind(8, token.Uses).Bind(9, token.CreatedBy).Bind(10, token.CreatedAt.ToUnixTimeMilliseconds())
            .Bind(11, token.ExpiresAt?.ToUnixTimeMilliseconds()).Bind(12, token.RevokedAt?.ToUnixTimeMilliseconds())
            .Bind(13, token.Invite?.Visitor).Bind(14, token.Invite?.HostId).Execute();

    /// <summary>Counts a redemption.</summary>
    public static int CountUse(SqliteConnection connection, string id) =>
        connection.Prepared("UPDATE join_tokens SET uses = uses + 1 WHERE id = ?1").Bind(1, id).Execute();

    /// <summary>Marks a token as revoked; 0 when it is unknown or was revoked before.</summary>
    public static int Revoke(SqliteConnection connection, string id, DateTimeOffset at) =>
        connection.Prepared("UPDATE join_tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL").Bind(1, id).Bind(2, at.ToUnixTimeMilliseconds()).Execute();

    private static JoinToken? One(SqliteStatement row)
    {
        var token = row.Step() ? Read(row) : null;
        row.Reset();
        return token;
    }

    private static JoinToken Read(SqliteStatement row) => new(
        row.GetText(0)!,
        row.GetBytes(1).ToArray(),
        row.GetText(2)!,
        LabelsJson.Read(row.GetText(3)!),
        row.IsNull(4) ? null : row.GetInt64(4),
        row.IsNull(5) ? null : row.GetInt64(5),
        row.IsNull(6) ? null : row.GetInt64(6),
        row.GetInt64(7),
        row.GetText(8)!,
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(9)),
        TimeOf(row, 10),
        TimeOf(row, 11))
    {
        Invite = row.IsNull(13) ? null : new Invite(row.GetText(12)!, row.GetInt64(13)),
    };

    private static DateTimeOffset? TimeOf(SqliteStatement row, int column) =>
        row.IsNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}
