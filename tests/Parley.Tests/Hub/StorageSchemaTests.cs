using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Hub.Storage;
using Parley.Sqlite;
using Parley.Testing;

namespace Parley.Tests.Hub;

public sealed class StorageSchemaTests
{
    [Fact]
    public async Task The_tables_are_those_of_the_golden_file()
    {
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Durability = Durability.Memory }, HubSchema.Migrations, NullLogger.Instance, TimeProvider.System);

        var tables = await store.ReadAsync(connection =>
            connection.Query<string>("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name").AsList());

        Golden.Verify("hub-schema", string.Join("\n\n", tables) + "\n");
    }
}
