using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Parley.Sqlite;

/// <summary>Keeps the prepared statements of each connection, by their text.</summary>
/// <remarks>Only constant SQL belongs here: every different text stays until the connection closes.</remarks>
public static class StatementCache
{
    private static readonly ConditionalWeakTable<SqliteConnection, Dictionary<string, SqliteStatement>> _statements = [];

    /// <summary>The connection's statement for this SQL, compiled at its first use, reset and without bindings.</summary>
    public static SqliteStatement Prepared(this SqliteConnection connection, string sql)
    {
        // A connection is used by one thread at a time, and so is its dictionary.
        var statements = _statements.GetValue(connection, static _ => new Dictionary<string, SqliteStatement>(StringComparer.Ordinal));
        if (statements.TryGetValue(sql, out var statement))
        {
            statement.Reset();
            return statement;
        }

        return statements[sql] = new SqliteStatement(connection, sql);
    }

    /// <summary>Frees the statements of a connection that is about to close.</summary>
    internal static void Release(SqliteConnection connection)
    {
        if (!_statements.TryGetValue(connection, out var statements))
        {
            return;
        }

        _statements.Remove(connection);
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }
    }
}
