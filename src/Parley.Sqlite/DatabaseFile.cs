using Microsoft.Data.Sqlite;

namespace Parley.Sqlite;

/// <summary>How a database file is made, opened and copied; the settings of every connection stand here.</summary>
internal static class DatabaseFile
{
    // A page and its header in the write-ahead log.
    private const int PageBytes = 4096 + 24;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute |
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    static DatabaseFile() => SQLitePCL.Batteries_V2.Init();

    /// <summary>Makes the file, readable by its owner only, or checks the mode of the one that is there.</summary>
    public static void Prepare(string file)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(file) && (File.GetUnixFileMode(file) & Others) != 0)
        {
            throw new StoreRefusedException($"Others may read the database {file}; run: chmod 600 {file}");
        }

        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
        };
        if (!OperatingSystem.IsWindows())
        {
            // SQLite gives its -wal and -shm files the mode of the database.
            options.UnixCreateMode = OwnerOnly;
        }

        new FileStream(file, options).Dispose();
    }

    /// <summary>Opens the connection that writes.</summary>
    public static SqliteConnection OpenWriter(SqliteStoreOptions options)
    {
        var connection = Open(options);
        if (options.Durability != Durability.Memory)
        {
            Execute(connection, "PRAGMA journal_mode=WAL");

            // The log never shrinks below what it grows to again: a commit into a longer file has more to flush.
            Execute(connection, $"PRAGMA journal_size_limit={options.JournalSizeLimitBytes}; PRAGMA wal_autocheckpoint={options.JournalSizeLimitBytes / PageBytes}; PRAGMA cache_size={-options.WriterCacheBytes / 1024}");
        }

        // Content that is deleted is overwritten in the pages, too: erasure is a promise.
        Execute(connection, $"PRAGMA synchronous={(options.Durability == Durability.Full ? "FULL" : "NORMAL")}; PRAGMA secure_delete=ON");
        return connection;
    }

    /// <summary>Opens a connection that reads.</summary>
    public static SqliteConnection OpenReader(SqliteStoreOptions options)
    {
        var connection = Open(options);
        Execute(connection, "PRAGMA query_only=ON");
        return connection;
    }

    /// <summary>Opens a file that must be there, for a program that is not its store.</summary>
    public static SqliteConnection OpenExisting(string file) => Open(new SqliteStoreOptions { File = file }, SqliteOpenMode.ReadWrite);

    /// <summary>Copies the whole database to a new file, readable by its owner only.</summary>
    public static void Copy(SqliteConnection source, string file)
    {
        // Under another name first, so that a copy that was interrupted is never taken for a whole one.
        var part = file + ".part";
        File.Delete(part);
        Prepare(part);
        var target = new SqliteConnectionStringBuilder { DataSource = part, Pooling = false }.ToString();
        using (var connection = new SqliteConnection(target))
        {
            connection.Open();
            source.BackupDatabase(connection);
            // One plain file: a copy in WAL mode would grow companions where it is opened.
            Execute(connection, "PRAGMA journal_mode=DELETE");
        }

        File.Move(part, file, overwrite: false);
    }

    /// <summary>Runs statements that return nothing of interest.</summary>
    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only constants and numbers of ours reach this.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(SqliteStoreOptions options, SqliteOpenMode mode = SqliteOpenMode.ReadWriteCreate)
    {
        var source = options.Durability == Durability.Memory ? ":memory:" : options.File;
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = source,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = (int)Math.Max(1, options.BusyTimeout.TotalSeconds),
        };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            // temp_store: sorting must not spill content into temporary files.
            Execute(connection, $"PRAGMA busy_timeout={(long)options.BusyTimeout.TotalMilliseconds}; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
