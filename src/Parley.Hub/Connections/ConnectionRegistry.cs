using System.Collections.Concurrent;
using Parley.Hub.Connections.Filters;
using Parley.Protocol.Errors;

namespace Parley.Hub.Connections;

/// <summary>All connections, in memory and by what they want; changes are written first and seen afterwards.</summary>
internal sealed class ConnectionRegistry(ConnectionStore store, ConnectionOptions options, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<string, Connection> _connections = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _changing = new(1);
    private readonly Lock _indexing = new();
    private volatile EventIndex<string>? _index;
    private volatile int _count;

    /// <summary>Who wants which events, by the connections' ids. Made when it is asked for after a change: many changes in a row cost one making.</summary>
    public EventIndex<string> Index
    {
        get
        {
            if (_index is { } known)
            {
                return known;
            }

            lock (_indexing)
            {
                return _index ??= new EventIndex<string>(_connections.Values.Select(connection => (connection.Selection, connection.Id)));
            }
        }
    }

    /// <summary>How many there are.</summary>
    public int Count => _count;

    /// <summary>Told of a connection that was made, changed or deleted.</summary>
    public Action<string>? Changed { get; set; }

    /// <summary>Reads all of them; again after rows changed elsewhere.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            var all = await store.LoadAsync(cancellationToken);
            _connections.Clear();
            foreach (var connection in all)
            {
                _connections[connection.Id] = connection;
            }

            Reindex();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Reads one again that another node changed.</summary>
    public async Task ReloadAsync(string id)
    {
        await _changing.WaitAsync();
        try
        {
            if (await store.FindAsync(id) is { } found)
            {
                _connections[id] = found;
            }
            else
            {
                _connections.TryRemove(id, out _);
            }

            Reindex();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>A connection; null for none.</summary>
    public Connection? Find(string id) => _connections.GetValueOrDefault(id);

    /// <summary>The connections of an owner, or all; oldest first.</summary>
    public IReadOnlyList<Connection> List(string? owner) =>
        [.. _connections.Values.Where(connection => owner is null || connection.Owner == owner).OrderBy(connection => connection.CreatedAt).ThenBy(connection => connection.Id, StringComparer.Ordinal)];

    /// <summary>Adds a connection.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: the owner has too many.</exception>
    public Task AddAsync(Connection connection, CancellationToken cancellationToken) => ChangeAsync(
        async () =>
        {
            if (_connections.Values.Count(other => other.Owner == connection.Owner) >= options.MaxPerOwner)
            {
                throw new ParleyException(ErrorCode.InvalidArgument, $"An owner has at most {options.MaxPerOwner} connections (the limit agent-connections).");
            }

            await store.PutAsync(connection, cancellationToken);
            _connections[connection.Id] = connection;
            return connection;
        },
        cancellationToken);

    /// <summary>Changes a connection.</summary>
    /// <param name="id">Which.</param>
    /// <param name="change">Makes the new state of the old one.</param>
    /// <param name="cancellationToken">Heeded until it is written.</param>
    /// <returns>The new state; null when it is gone.</returns>
    public Task<Connection?> UpdateAsync(string id, Func<Connection, Connection> change, CancellationToken cancellationToken) => ChangeAsync<Connection?>(
        async () =>
        {
            if (Find(id) is not { } old)
            {
                return null;
            }

            var changed = change(old);
            if (!ReferenceEquals(old, changed))
            {
                await store.PutAsync(changed, cancellationToken);
                _connections[id] = changed;
            }

            return changed;
        },
        cancellationToken);

    /// <summary>Lets events go out, keeps them waiting, or ends them.</summary>
    public Task<Connection?> SetStatusAsync(string id, ConnectionStatus status, string reason, CancellationToken cancellationToken) => UpdateAsync(
        id,
        old => old.Status == status ? old : old with { Status = status, Reason = reason, FailingSince = null, UpdatedAt = time.GetUtcNow() },
        cancellationToken);

    /// <summary>Deletes a connection and what waits for it.</summary>
    public Task DeleteAsync(string id, CancellationToken cancellationToken) => ChangeAsync(
        async () =>
        {
            await store.DeleteAsync(id, cancellationToken);
            return _connections.TryRemove(id, out var gone) ? gone : null;
        },
        cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _changing.Dispose();

    private async Task<T> ChangeAsync<T>(Func<Task<T>> change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        T result;
        try
        {
            result = await change();
            Reindex();
        }
        finally
        {
            _changing.Release();
        }

        if (result is Connection connection)
        {
            Changed?.Invoke(connection.Id);
        }

        return result;
    }

    private void Reindex()
    {
        lock (_indexing)
        {
            (_index, _count) = (null, _connections.Count);
        }
    }
}
