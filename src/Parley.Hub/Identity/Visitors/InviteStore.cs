using Microsoft.Data.Sqlite;
using Parley.Sqlite;

namespace Parley.Hub.Identity.Visitors;

/// <summary>Rows of <c>join_tokens</c> that are invites. No rules: the methods run inside a work of the store.</summary>
internal static class InviteStore
{
    /// <summary>Marks a host's invites of one name as revoked; gives how many were good.</summary>
    public static int Revoke(SqliteConnection connection, long host, string visitor, DateTimeOffset now) => connection
        .Prepared("UPDATE join_tokens SET revoked_at = ?3 WHERE host = ?1 AND visitor = ?2 AND revoked_at IS NULL AND expires_at > ?3")
        .Bind(1, host).Bind(2, visitor).Bind(3, now.ToUnixTimeMilliseconds()).Execute();

    /// <summary>How many invites of a host are not over, used or not.</summary>
    public static long CountOpen(SqliteConnection connection, long host, DateTimeOffset now)
    {
        var row = connection.Prepared("SELECT count(*) FROM join_tokens WHERE host = ?1 AND revoked_at IS NULL AND expires_at > ?2").Bind(1, host).Bind(2, now.ToUnixTimeMilliseconds());
        row.Step();
        var count = row.GetInt64(0);
        row.Reset();
        return count;
    }

    /// <summary>Deletes invites that were over before this.</summary>
    public static int DeleteOver(SqliteConnection connection, DateTimeOffset before) => connection
        .Prepared("DELETE FROM join_tokens WHERE host IS NOT NULL AND expires_at < ?1").Bind(1, before.ToUnixTimeMilliseconds()).Execute();
}
