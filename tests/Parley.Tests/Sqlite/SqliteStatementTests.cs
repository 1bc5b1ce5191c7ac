using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Sqlite;

namespace Parley.Tests.Sqlite;

public sealed class SqliteStatementTests
{
    private static readonly Migration[] _schema = [new(1, "values", "CREATE TABLE v (number INTEGER, text TEXT, bytes BLOB)")];

    [Fact]
    public async Task Values_come_back_as_they_were_bound()
    {
        await using var store = Open();

        await store.WriteAsync(
            connection => connection.Prepared("INSERT INTO v VALUES (?, ?, ?)").Bind(1, long.MinValue).Bind(2, "grüße 👋").Bind(3, [0, 1, 255]).Execute());

        await store.ReadAsync(
            connection =>
            {
                var row = connection.Prepared("SELECT number, text, bytes FROM v");
                Assert.True(row.Step());
                Assert.Equal(long.MinValue, row.GetInt64(0));
                Assert.Equal("grüße 👋", row.GetText(1));
                Assert.Equal<byte>([0, 1, 255], row.GetBytes(2).ToArray());
                Assert.False(row.Step());
                return 0;
            });
    }

    [Fact]
    public async Task Null_and_empty_stay_apart()
    {
        await using var store = Open();

        await store.WriteAsync(
            connection => connection.Prepared("INSERT INTO v VALUES (?, ?, ?)").Bind(1, (long?)null).Bind(2, (string?)null).Bind(3, []).Execute());

        await store.ReadAsync(
            connection =>
            {
                var row = connection.Prepared("SELECT number, text, bytes FROM v");
                Assert.True(row.Step());
                Assert.True(row.IsNull(0));
                Assert.Null(row.GetText(1));
                Assert.False(row.IsNull(2));
                return 0;
            });
    }

    [Fact]
    public async Task A_statement_left_in_the_middle_is_ready_again()
    {
        await using var store = Open();
        await store.WriteAsync(connection => connection.Prepared("INSERT INTO v (number) VALUES (1), (2)").Execute());

        var sums = new List<long>();
        for (var turn = 0; turn < 2; turn++)
        {
            sums.Add(await store.ReadAsync(FirstNumber));
        }

        Assert.Equal([1, 1], sums);
    }

    [Fact]
    public async Task A_wrong_statement_names_the_error()
    {
        await using var store = Open();

        var failure = await Assert.ThrowsAsync<SqliteException>(() => store.WriteAsync(connection => connection.Prepared("INSERT INTO nowhere VALUES (1)").Execute()));

        Assert.Contains("nowhere", failure.Message, StringComparison.Ordinal);
    }

    private static long FirstNumber(SqliteConnection connection)
    {
        var row = connection.Prepared("SELECT number FROM v ORDER BY number");
        row.Step();
        return row.GetInt64(0);
    }

    private static SqliteStore Open() =>
        SqliteStore.Open(new SqliteStoreOptions { Durability = Durability.Memory }, _schema, NullLogger.Instance, TimeProvider.System);
}
