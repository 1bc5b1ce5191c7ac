using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Parley.Sqlite;

/// <summary>The connections that read beside the writer; each work sees one committed state of the database.</summary>
internal sealed class ReaderPool(SqliteStoreOptions options) : IDisposable
{
    private readonly ConcurrentBag<SqliteConnection> _idle = [];
    private readonly SemaphoreSlim _places = new(options.Readers);

    /// <summary>Runs a read when a connection is free.</summary>
    public async Task<T> RunAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            return Run(work);
        }
        catch (SqliteException exception) when (StoreUnavailableException.Translate(exception) is StoreUnavailableException unavailable)
        {
            throw unavailable;
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Waits for the reads under way, and closes the connections.</summary>
    public async Task CloseAsync()
    {
        for (var place = 0; place < options.Readers; place++)
        {
            await _places.WaitAsync();
        }

        while (_idle.TryTake(out var connection))
        {
            Close(connection);
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private T Run<T>(Func<SqliteConnection, T> work)
    {
        if (!_idle.TryTake(out var connection))
        {
            connection = DatabaseFile.OpenReader(options);
        }

        try
        {
            connection.Prepared("BEGIN").Execute();
            var result = work(connection);
            connection.Prepared("COMMIT").Execute();
            _idle.Add(connection);
            return result;
        }
        catch
        {
            // A fresh connection is cheaper than knowing what state this one is in.
            Close(connection);
            throw;
        }
    }

    private static void Close(SqliteConnection connection)
    {
        StatementCache.Release(connection);
        connection.Dispose();
    }
}
