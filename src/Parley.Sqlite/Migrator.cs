using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Parley.Sqlite;

/// <summary>Brings a database to the newest schema, and refuses one that is newer than the program.</summary>
internal sealed partial class Migrator(IReadOnlyList<Migration> migrations, ILogger logger)
{
    /// <summary>Runs the steps that are missing.</summary>
    /// <param name="connection">The writing connection.</param>
    /// <param name="file">The database; copied before the first step when it has content. Null for one in memory.</param>
    public void Run(SqliteConnection connection, string? file)
    {
        for (var index = 0; index < migrations.Count; index++)
        {
            if (migrations[index].Version != index + 1)
            {
                throw new ArgumentException($"Migration {migrations[index].Version} ({migrations[index].Name}) stands at place {index + 1}.");
            }
        }

        var version = VersionOf(connection);
        if (version > migrations.Count)
        {
            throw new StoreRefusedException(
                $"The database {file} has schema {version}, and this program knows {migrations.Count}: use a newer program, or restore a copy.");
        }

        if (version == migrations.Count)
        {
            return;
        }

        if (version > 0 && file is not null)
        {
            CopyFirst(connection, file, version);
        }

        DatabaseFile.Execute(connection, "PRAGMA foreign_keys=OFF");
        foreach (var migration in migrations.Skip((int)version))
        {
            Apply(connection, migration);
        }

        DatabaseFile.Execute(connection, "PRAGMA foreign_keys=ON");
    }

    private static long VersionOf(SqliteConnection connection)
    {
        var statement = connection.Prepared("PRAGMA user_version");
        statement.Step();
        var version = statement.GetInt64(0);
        statement.Reset();
        return version;
    }

    private void CopyFirst(SqliteConnection connection, string file, long version)
    {
        var copy = $"{file}.v{version}";
        if (!File.Exists(copy))
        {
            DatabaseFile.Copy(connection, copy);
            LogCopied(copy);
        }
    }

    private void Apply(SqliteConnection connection, Migration migration)
    {
        connection.Prepared("BEGIN IMMEDIATE").Execute();
        try
        {
            // Another process of the same home may have been faster.
            if (VersionOf(connection) < migration.Version)
            {
                DatabaseFile.Execute(connection, migration.Sql);
                DatabaseFile.Execute(connection, $"PRAGMA user_version={migration.Version}");
                CheckForeignKeys(connection, migration);
            }

            connection.Prepared("COMMIT").Execute();
        }
        catch
        {
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                connection.Prepared("ROLLBACK").Execute();
            }

            throw;
        }

        LogMigrated(migration.Version, migration.Name);
    }

    private static void CheckForeignKeys(SqliteConnection connection, Migration migration)
    {
        using var check = new SqliteStatement(connection, "PRAGMA foreign_key_check");
        if (check.Step())
        {
            check.Reset();
            throw new StoreRefusedException($"Migration {migration.Version} ({migration.Name}) leaves rows without their parents.");
        }
    }

    [LoggerMessage(LogLevel.Information, "Store migrated to version {Version}: {Name}")]
    private partial void LogMigrated(int version, string name);

    [LoggerMessage(LogLevel.Information, "Store copied to {File} before its schema changes")]
    private partial void LogCopied(string file);
}
