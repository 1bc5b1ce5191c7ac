using Microsoft.Extensions.Logging.Abstractions;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Storage;
using Parley.Sqlite;

namespace Parley.Tests.Connections;

public sealed class DeliveryReaderTests : IAsyncLifetime
{
    private readonly SqliteStore _store =
        SqliteStore.Open(new SqliteStoreOptions { Durability = Durability.Memory }, HubSchema.Migrations, NullLogger.Instance, TimeProvider.System);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("acme", null, null)]
    [InlineData("acme", null, 0)]
    [InlineData("acme", null, 1)]
    [InlineData("other", null, 2)]
    [InlineData(null, "c1", null)]
    [InlineData(null, "c1", 2)]
    [InlineData(null, null, 0)]
    [InlineData(null, null, 1)]
    [InlineData(null, null, 2)]
    public async Task A_list_has_what_fits_newest_first_whatever_index_serves_it(string? owner, string? connection, int? state)
    {
        await AddAsync(60);
        var fitting = Enumerable.Range(0, 60)
            .Where(number => (owner is null || Owner(number) == owner) && (connection is null || $"c{number % 4}" == connection) && (state is null || number % 3 == state)).ToList();

        var (found, total) = await new DeliveryReader(_store).ListAsync(owner, connection, (DeliveryState?)state, 5, 2);

        Assert.Equal(Enumerable.Reverse(fitting).Skip(2).Take(5).Select(number => $"m{number}"), found.Select(delivery => delivery.Id));
        Assert.Equal(fitting.Count, total);
    }

    [Theory]
    [InlineData("acme", null, null, "deliveries_by_owner")]
    [InlineData("acme", null, 1, "deliveries_by_owner")]
    [InlineData(null, "c1", null, "deliveries_by_connection")]
    [InlineData(null, "c1", 2, "deliveries_by_connection")]
    [InlineData(null, null, 2, "deliveries_open")]
    public async Task A_list_reads_its_index_in_order_and_sorts_nothing(string? owner, string? connection, int? state, string index)
    {
        var steps = await _store.ReadAsync(
            read =>
            {
                var row = read.Prepared($"EXPLAIN QUERY PLAN {DeliveryReader.RowsSql(owner, connection, (DeliveryState?)state)} ORDER BY row DESC LIMIT 5");
                var found = new List<string>();
                while (row.Step())
                {
                    found.Add(row.GetText(3)!);
                }

                return found;
            },
            Stop);

        Assert.DoesNotContain(steps, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        Assert.All(steps.Where(step => step.Contains("TABLE", StringComparison.Ordinal)), step => Assert.StartsWith($"SEARCH TABLE deliveries USING COVERING INDEX {index} (", step, StringComparison.Ordinal));
        Assert.Contains(steps, step => step.Contains(index, StringComparison.Ordinal));
    }

    private static string Owner(int number) => number % 4 < 2 ? "acme" : "other";

    private Task AddAsync(int count) => _store.WriteAsync(
        connection =>
        {
            for (var number = 0; number < count; number++)
            {
                connection.Prepared("INSERT INTO events (id, owner, source, type, subject, at, hops, trace, data) VALUES (?1, ?2, ?2 || '.a', 'x.y', '', 1, 0, '', CAST('{}' AS BLOB))")
                    .Bind(1, $"e{number}").Bind(2, Owner(number)).Execute();
                connection.Prepared(
                    "INSERT INTO deliveries (id, connection, owner, event, state, attempts, tries, due_at, created_at, error) VALUES (?1, ?2, ?3, last_insert_rowid(), ?4, 0, 0, 0, 0, '')")
                    .Bind(1, $"m{number}").Bind(2, $"c{number % 4}").Bind(3, Owner(number)).Bind(4, number % 3).Execute();
            }
        },
        Stop);
}
