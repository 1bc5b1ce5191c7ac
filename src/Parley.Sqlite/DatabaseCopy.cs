using Microsoft.Data.Sqlite;

namespace Parley.Sqlite;

/// <summary>Copies of a database for programs that do not run its <see cref="SqliteStore"/>: made while another process writes, checked, and changed before they are put to use.</summary>
public static class DatabaseCopy
{
    /// <summary>Copies one committed state to a new file (0600); whoever writes goes on meanwhile.</summary>
    /// <exception cref="FileNotFoundException">There is no database.</exception>
    /// <exception cref="StoreUnavailableException">The disk is full or fails.</exception>
    public static void Make(string source, string target)
    {
        if (!File.Exists(source))
        {
            throw new FileNotFoundException("There is no database.", source);
        }

        Use(source, connection => DatabaseFile.Execute(connection, "PRAGMA query_only=ON"), connection => DatabaseFile.Copy(connection, target));
    }

    /// <summary>Reads the whole file for damage.</summary>
    /// <returns>The version of its schema.</returns>
    /// <exception cref="StoreUnavailableException">It is damaged, or no database.</exception>
    public static long Check(string file)
    {
        long version = 0;
        Use(file, _ => { }, connection =>
        {
            if (Read(connection, "PRAGMA integrity_check(1)") as string != "ok")
            {
                throw new StoreUnavailableException("The store's file is damaged.");
            }

            version = Convert.ToInt64(Read(connection, "PRAGMA user_version"));
        });
        return version;
    }

    /// <summary>Changes a copy that no store has open, in one transaction.</summary>
    public static void Change(string file, Action<SqliteConnection> change) => Use(file, _ => { }, connection =>
    {
        DatabaseFile.Execute(connection, "BEGIN IMMEDIATE");
        change(connection);
        DatabaseFile.Execute(connection, "COMMIT");
    });

    private static void Use(string file, Action<SqliteConnection> prepare, Action<SqliteConnection> work)
    {
        try
        {
            using var connection = DatabaseFile.OpenExisting(file);
            prepare(connection);
            work(connection);
        }
        catch (SqliteException exception)
        {
            throw StoreUnavailableException.Translate(exception);
        }
    }

    private static object? Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only constants of ours reach this.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
