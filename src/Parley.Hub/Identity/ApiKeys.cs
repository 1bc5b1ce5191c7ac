using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Microsoft.Data.Sqlite;
using Parley.Hub.Backplane;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Sqlite;

namespace Parley.Hub.Identity;

/// <summary>The API keys. All are in memory, so that a call costs one hash.</summary>
internal sealed class ApiKeys
{
    // The store is told of a use once an hour: enough to find keys that nobody uses.
    private static readonly TimeSpan _usedStep = TimeSpan.FromHours(1);

    // By the first 8 bytes of the hash: a look-up that leaks nothing of the secret; the whole hash is compared in constant time.
    private readonly ConcurrentDictionary<ulong, ApiKey> _keys = new();

    // Of the keys that were asked for theirs, by the same place.
    private readonly ConcurrentDictionary<ulong, CancellationTokenSource> _ends = new();
    private readonly SqliteStore _store;
    private readonly TimeProvider _time;
    private readonly FillRandom _fill;
    private Action<string>? _tell;

    /// <summary>Keys in a store that has the table.</summary>
    public ApiKeys(SqliteStore store, TimeProvider time, FillRandom fill) => (_store, _time, _fill) = (store, time, fill);

    /// <summary>Reads all from the store; called once, before the doors open.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken = default)
    {
        foreach (var key in await _store.ReadAsync(connection => Rows(connection), cancellationToken))
        {
            Apply(key);
        }
    }

    /// <summary>Tells other nodes of this store which keys were made and revoked, and hears it of them, until the result is disposed.</summary>
    public ValueTask<IAsyncDisposable> JoinBackplaneAsync(IBackplane backplane, Action<Func<Task>> inBackground, CancellationToken cancellationToken)
    {
        _tell = id => inBackground(async () => await backplane.PublishAsync(Topics.Keys, Encoding.UTF8.GetBytes(id), CancellationToken.None));
        return backplane.SubscribeAsync(Topics.Keys, message => inBackground(() => ReloadAsync(Encoding.UTF8.GetString(message.Span))), cancellationToken);
    }

    /// <summary>The good key with this secret; null for unknown, expired and revoked ones alike.</summary>
    public ApiKey? Find(string secret)
    {
        var hash = Secrets.Hash(secret);
        var now = _time.GetUtcNow();
        if (!_keys.TryGetValue(PlaceOf(hash), out var key) || !Secrets.AreEqual(key.SecretHash, hash) || !key.IsGood(now))
        {
            return null;
        }

        if (!(now - key.LastUsedAt < _usedStep))
        {
            NoteUse(key, now);
        }

        return key;
    }

    /// <summary>Cancelled when a key opens no door any more, so that answers which it began end too.</summary>
    public CancellationToken EndOf(ApiKey key)
    {
        var place = PlaceOf(key.SecretHash);
        var end = _ends.GetOrAdd(place, _ => new CancellationTokenSource()).Token;

        // It may have been revoked since it was found, by somebody who saw nothing to end yet.
        EndUnlessGood(place);
        return end;
    }

    /// <summary>Ends what keys began whose time is over; called every second.</summary>
    public void EndExpired()
    {
        foreach (var (place, _) in _ends)
        {
            EndUnlessGood(place);
        }
    }

    /// <summary>Makes a key. The secret is in the answer and nowhere else.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.NameInvalid"/>, <see cref="ErrorCode.NameReserved"/>.</exception>
    public async Task<(ApiKey Key, string Secret)> CreateAsync(
        string owner, ApiScopes scopes, TimeSpan? lifetime, string createdBy, CancellationToken cancellationToken = default)
    {
        Names.CheckNew(owner);
        if (lifetime <= TimeSpan.Zero)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The lifetime of a key is above zero.");
        }

        var now = _time.GetUtcNow();
        var secret = Secrets.Make(Secrets.ApiKeyPrefix, _fill);
        var key = new ApiKey(Secrets.MakeId("k_", _fill), Secrets.Hash(secret), owner, scopes, createdBy, now, now + lifetime, null, null);
        await _store.WriteAsync(connection => Insert(connection, key), cancellationToken);
        _keys[PlaceOf(key.SecretHash)] = key;
        _tell?.Invoke(key.Id);
        return (key, secret);
    }

    /// <summary>All keys, newest first.</summary>
    public IReadOnlyList<ApiKey> List() => [.. _keys.Values.OrderByDescending(key => key.CreatedAt).ThenBy(key => key.Id, StringComparer.Ordinal)];

    /// <summary>Revokes a key.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>.</exception>
    public async Task RevokeAsync(string id, CancellationToken cancellationToken = default)
    {
        var key = _keys.Values.FirstOrDefault(other => other.Id == id && other.RevokedAt is null)
            ?? throw new ParleyException(ErrorCode.NotFound, "There is no such key.");
        var now = _time.GetUtcNow();
        await _store.WriteAsync(
            connection => connection.Prepared("UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1").Bind(1, id).Bind(2, now.ToUnixTimeMilliseconds()).Execute(),
            cancellationToken);
        _keys[PlaceOf(key.SecretHash)] = key with { RevokedAt = now };
        EndUnlessGood(PlaceOf(key.SecretHash));
        _tell?.Invoke(id);
    }

    private async Task ReloadAsync(string id)
    {
        var found = await _store.ReadAsync(connection => Rows(connection, "WHERE id = ?1", id));
        foreach (var key in found)
        {
            Apply(key);
            EndUnlessGood(PlaceOf(key.SecretHash));
        }
    }

    // It may have been read before a revocation came here: nothing makes a revoked key good again.
    private void Apply(ApiKey read) => _keys.AddOrUpdate(PlaceOf(read.SecretHash), read, (_, present) => present.RevokedAt is null ? read : present);

    private static ulong PlaceOf(byte[] hash) => BinaryPrimitives.ReadUInt64LittleEndian(hash);

    private void EndUnlessGood(ulong place)
    {
        if (!(_keys.TryGetValue(place, out var key) && key.IsGood(_time.GetUtcNow())) && _ends.TryRemove(place, out var end))
        {
            end.Cancel();
        }
    }

    private void NoteUse(ApiKey key, DateTimeOffset now)
    {
        if (_keys.TryUpdate(PlaceOf(key.SecretHash), key with { LastUsedAt = now }, key))
        {
            // Nobody waits for this, and a failure of the store is told by those who do.
            _ = _store.WriteAsync(connection =>
                connection.Prepared("UPDATE api_keys SET last_used_at = ?2 WHERE id = ?1").Bind(1, key.Id).Bind(2, now.ToUnixTimeMilliseconds()).Execute())
                .ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    private static int Insert(SqliteConnection connection, ApiKey key) =>
        connection.Prepared(
                "INSERT INTO api_keys (id, secret_hash, owner, scopes, created_by, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
            .Bind(1, key.Id).Bind(2, key.SecretHash).Bind(3, key.Owner).Bind(4, string.Join(' ', key.Scopes.ToNames())).Bind(5, key.CreatedBy)
            .Bind(6, key.CreatedAt.ToUnixTimeMilliseconds()).Bind(7, key.ExpiresAt?.ToUnixTimeMilliseconds()).Execute();

    private static List<ApiKey> Rows(SqliteConnection connection, string where = "", string? id = null)
    {
        var keys = new List<ApiKey>();
        var row = connection.Prepared($"SELECT id, secret_hash, owner, scopes, created_by, created_at, expires_at, revoked_at, last_used_at FROM api_keys {where}");
        if (id is not null)
        {
            row.Bind(1, id);
        }

        while (row.Step())
        {
            keys.Add(new ApiKey(
                row.GetText(0)!,
                row.GetBytes(1).ToArray(),
                row.GetText(2)!,
                ApiScopesText.Parse(row.GetText(3)!.Split(' ')),
                row.GetText(4)!,
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
                TimeOf(row, 6),
                TimeOf(row, 7),
                TimeOf(row, 8)));
        }

        return keys;
    }

    private static DateTimeOffset? TimeOf(SqliteStatement row, int column) =>
        row.IsNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}
