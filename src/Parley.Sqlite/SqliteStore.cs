using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Parley.Sqlite;

/// <summary>One SQLite database: one writer that commits in groups, several readers, migrations, copies and erasure. It knows no table.</summary>
/// <remarks>
/// Works run on the store's own thread and connection: they must be short, must not begin transactions, and must not keep the connection.
/// A work may be refused or fail after it ran, when its group could not be committed; then nothing of it is in the database.
/// </remarks>
public sealed class SqliteStore : IAsyncDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStoreOptions _options;
    private readonly GroupCommitWriter _writer;
    private readonly ReaderPool? _readers;
    private Task? _closed;

    private SqliteStore(SqliteConnection connection, SqliteStoreOptions options, ILogger logger, TimeProvider time)
    {
        _connection = connection;
        _options = options;
        _writer = new GroupCommitWriter(connection, options, logger, time);
        _readers = options.Durability == Durability.Memory ? null : new ReaderPool(options);
    }

    /// <summary>What the writer has done so far, for metrics.</summary>
    public StoreCounts Counts => _writer.Counts;

    /// <summary>Whether the last write failed because of the disk or the file; false again after one that succeeded.</summary>
    public bool IsFailing => _writer.IsFailing;

    /// <summary>Writes something that changes nothing, so that a store that failed notices when it can write again.</summary>
    /// <exception cref="StoreUnavailableException">It cannot yet.</exception>
    public Task ProbeAsync(CancellationToken cancellationToken = default) =>
        WriteAsync(Rewrite, cancellationToken);

    /// <summary>Opens the database, making the file (0600) and bringing its schema up to date.</summary>
    /// <exception cref="StoreRefusedException">A newer schema, a file that others may read.</exception>
    /// <exception cref="StoreUnavailableException">The file cannot be opened or written now.</exception>
    public static SqliteStore Open(SqliteStoreOptions options, IReadOnlyList<Migration> migrations, ILogger logger, TimeProvider time)
    {
        var file = options.Durability == Durability.Memory ? null : Path.GetFullPath(options.File);
        options = options with { File = file ?? string.Empty };
        SqliteConnection? connection = null;
        try
        {
            if (file is not null)
            {
                DatabaseFile.Prepare(file);
            }

            connection = DatabaseFile.OpenWriter(options);
            new Migrator(migrations, logger).Run(connection, file);
            return new SqliteStore(connection, options, logger, time);
        }
        catch (Exception exception)
        {
            Close(connection);
            if (StoreUnavailableException.Translate(exception) is StoreUnavailableException unavailable)
            {
                throw unavailable;
            }

            throw;
        }
    }

    /// <summary>Queues a write; the task completes after the commit of the group that it ran in.</summary>
    /// <param name="work">Runs in a savepoint on the store's thread. What it throws comes out of the task, and its changes are taken back.</param>
    /// <param name="cancellationToken">Heeded until the work starts.</param>
    /// <exception cref="StoreUnavailableException">The disk is full or fails; nothing was written.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken = default) =>
        Queue(work, isExclusive: false, cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Action<SqliteConnection> work, CancellationToken cancellationToken = default) =>
        Queue(
            connection =>
            {
                work(connection);
                return true;
            },
            isExclusive: false,
            cancellationToken);

    /// <summary>Reads one committed state of the database.</summary>
    /// <param name="work">Runs on the caller's thread when a connection is free; must not write.</param>
    /// <param name="cancellationToken">Heeded until the work starts.</param>
    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken = default) =>
        _readers is not null ? _readers.RunAsync(work, cancellationToken) : Queue(connection => ReadAlone(connection, work), isExclusive: true, cancellationToken);

    /// <summary>Moves the write-ahead log into the database and empties it, so that deleted content is in neither.</summary>
    /// <returns>False when a long read stood in the way; call again.</returns>
    public Task<bool> ScrubAsync(CancellationToken cancellationToken = default) =>
        Queue(Scrub, isExclusive: true, cancellationToken);

    /// <summary>Copies the database to a new file (0600) while work goes on.</summary>
    /// <exception cref="IOException">The file exists.</exception>
    public Task BackupAsync(string file, CancellationToken cancellationToken = default)
    {
        if (File.Exists(file))
        {
            throw new IOException($"The file {file} exists.");
        }

        return _options.Durability == Durability.Memory
            ? Queue(connection => Copy(connection, file), isExclusive: true, cancellationToken)
            : Task.Run(() => CopyFromFile(file), cancellationToken);
    }

    /// <summary>Finishes the queued works, empties the write-ahead log and closes the file.</summary>
    public ValueTask DisposeAsync() => new(_closed ??= CloseAsync());

    private static T ReadAlone<T>(SqliteConnection connection, Func<SqliteConnection, T> work)
    {
        connection.Prepared("PRAGMA query_only=ON").Execute();
        try
        {
            return work(connection);
        }
        finally
        {
            connection.Prepared("PRAGMA query_only=OFF").Execute();
        }
    }

    // Setting the schema's number to itself dirties a page, which makes the commit write.
    private static void Rewrite(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        var number = Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
        command.CommandText = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"PRAGMA user_version = {number}");
        command.ExecuteNonQuery();
    }

    private static bool Scrub(SqliteConnection connection)
    {
        var statement = connection.Prepared("PRAGMA wal_checkpoint(TRUNCATE)");
        statement.Step();
        var isBusy = statement.GetInt64(0) != 0;
        statement.Reset();
        return !isBusy;
    }

    private static bool Copy(SqliteConnection connection, string file)
    {
        DatabaseFile.Copy(connection, file);
        return true;
    }

    private void CopyFromFile(string file)
    {
        var connection = DatabaseFile.OpenReader(_options);
        try
        {
            DatabaseFile.Copy(connection, file);
        }
        catch (SqliteException exception)
        {
            throw StoreUnavailableException.Translate(exception);
        }
        finally
        {
            Close(connection);
        }
    }

    private Task<T> Queue<T>(Func<SqliteConnection, T> work, bool isExclusive, CancellationToken cancellationToken)
    {
        var item = new StoreWork<T>(work, isExclusive, cancellationToken);
        _writer.Add(item);
        return item.Task;
    }

    private async Task CloseAsync()
    {
        await _writer.CloseAsync();
        if (_readers is not null)
        {
            await _readers.CloseAsync();
        }

        Close(_connection);
    }

    private static void Close(SqliteConnection? connection)
    {
        if (connection is null)
        {
            return;
        }

        StatementCache.Release(connection);
        connection.Dispose();
    }
}
