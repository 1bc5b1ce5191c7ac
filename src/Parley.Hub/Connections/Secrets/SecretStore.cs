using System.Collections.Concurrent;
using System.Text;
using Parley.Protocol.Errors;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Secrets;

/// <summary>Named secrets of owners. They are written and used; nobody is told what they are.</summary>
internal sealed class SecretStore(SqliteStore store, Vault vault, TimeProvider time)
{
    /// <summary>SQL of the migration.</summary>
    public const string Sql = """
        CREATE TABLE secrets (
          owner TEXT NOT NULL,
          name TEXT NOT NULL,
          sealed BLOB NOT NULL,
          created_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL,
          PRIMARY KEY (owner, name)
        ) WITHOUT ROWID;
        """;

    private const int MaxBytes = 4096;
    private const int MaxPerOwner = 1000;

    private readonly ConcurrentDictionary<(string Owner, string Name), (byte[] Sealed, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)> _secrets = new();

    /// <summary>Told whose secrets changed here.</summary>
    public Action<string>? Changed { get; set; }

    /// <summary>Reads all, sealed as they are; again after another node changed some.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken) => await store.ReadAsync(
        connection =>
        {
            var gone = _secrets.Keys.ToHashSet();
            var row = connection.Prepared("SELECT owner, name, sealed, created_at, updated_at FROM secrets");
            while (row.Step())
            {
                gone.Remove((row.GetText(0)!, row.GetText(1)!));
                _secrets[(row.GetText(0)!, row.GetText(1)!)] =
                    (row.GetBytes(2).ToArray(), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)));
            }

            foreach (var key in gone)
            {
                _secrets.TryRemove(key, out _);
            }

            return true;
        },
        cancellationToken);

    /// <summary>Sets a secret, new or in place of the one there.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public async Task SetAsync(string owner, string name, string value, CancellationToken cancellationToken)
    {
        SecretTemplate.CheckName(name);
        var plain = Encoding.UTF8.GetBytes(value);
        if (plain.Length is 0 or > MaxBytes)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"A secret has 1 to {MaxBytes} bytes.") { Field = "value" };
        }

        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var createdAt = _secrets.TryGetValue((owner, name), out var known) ? known.CreatedAt : now;
        if (known.Sealed is null && List(owner).Count >= MaxPerOwner)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"An owner has at most {MaxPerOwner} secrets.");
        }

        var sealedBytes = vault.Seal(Purpose(owner, name), plain);
        await store.WriteAsync(
            connection => connection.Prepared(
                "INSERT INTO secrets (owner, name, sealed, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5) " +
                "ON CONFLICT (owner, name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at")
                .Bind(1, owner).Bind(2, name).Bind(3, sealedBytes).Bind(4, createdAt.ToUnixTimeMilliseconds()).Bind(5, now.ToUnixTimeMilliseconds()).Execute(),
            cancellationToken);
        _secrets[(owner, name)] = (sealedBytes, createdAt, now);
        Changed?.Invoke(owner);
    }

    /// <summary>Forgets a secret.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>.</exception>
    public async Task DeleteAsync(string owner, string name, CancellationToken cancellationToken)
    {
        if (!_secrets.ContainsKey((owner, name)))
        {
            throw new ParleyException(ErrorCode.NotFound, "There is no such secret.");
        }

        await store.WriteAsync(connection => connection.Prepared("DELETE FROM secrets WHERE owner = ?1 AND name = ?2").Bind(1, owner).Bind(2, name).Execute(), cancellationToken);
        _secrets.TryRemove((owner, name), out _);
        Changed?.Invoke(owner);
    }

    /// <summary>An owner's secrets by name; never what they are.</summary>
    public IReadOnlyList<(string Name, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)> List(string owner) =>
        [.. _secrets.Where(entry => entry.Key.Owner == owner).OrderBy(entry => entry.Key.Name, StringComparer.Ordinal).Select(entry => (entry.Key.Name, entry.Value.CreatedAt, entry.Value.UpdatedAt))];

    /// <summary>What a secret is, for a delivery that leaves; null when there is none.</summary>
    public string? Find(string owner, string name) =>
        _secrets.TryGetValue((owner, name), out var known) ? Encoding.UTF8.GetString(vault.Open(Purpose(owner, name), known.Sealed)) : null;

    /// <summary>What all secrets of an owner are, so that the message log can leave them out.</summary>
    public IReadOnlyList<string> RevealAll(string owner) =>
        [.. _secrets.Keys.Where(key => key.Owner == owner).Select(key => Find(key.Owner, key.Name)).OfType<string>()];

    private static string Purpose(string owner, string name) => $"secret {owner} {name}";
}
