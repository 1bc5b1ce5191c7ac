using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Hub.Connections.Log;
using Parley.Hub.Storage;
using Parley.Protocol.Errors;
using Parley.Sqlite;

namespace Parley.Tests.Connections;

public sealed class LogReaderTests : IAsyncLifetime
{
    private readonly SqliteStore _store =
        SqliteStore.Open(new SqliteStoreOptions { Durability = Durability.Memory }, HubSchema.Migrations, NullLogger.Instance, TimeProvider.System);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private LogReader Reader => new(_store);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Pages_go_on_where_the_last_one_ended_whatever_comes_meanwhile()
    {
        await AddAsync(10, at: 1000);
        await AddAsync(10, at: 1000, first: 10);

        var (first, place) = await Reader.ReadAsync(Query(), LogPlace.Newest, 7, Stop);
        await AddAsync(5, at: 5000, first: 100);
        await _store.WriteAsync(connection => connection.Execute("UPDATE a2a_messages SET status = 'failed'"), Stop);
        var (second, next) = await Reader.ReadAsync(Query(), LogPlace.Parse(place.ToString()!), 100, Stop);

        Assert.Equal(Enumerable.Range(0, 20).Select(number => $"m{number}").Reverse(), first.Concat(second).Select(row => row.MessageId));
        Assert.Null(next);
    }

    [Theory]
    [InlineData("agent", null, null, "a2a_messages_by_agent")]
    [InlineData("agent", "incoming", "delivered", "a2a_messages_by_agent")]
    [InlineData("owner", null, null, "a2a_messages_by_owner")]
    [InlineData("owner", null, "failed", "a2a_messages_undelivered")]
    [InlineData("connection", null, null, "a2a_messages_by_connection")]
    [InlineData("all", null, null, "a2a_messages_by_time")]
    public async Task Every_search_reads_an_index_and_sorts_no_more_than_one_instant(string scope, string? direction, string? status, string index)
    {
        var query = Query(scope == "owner" ? "acme" : null, scope == "agent" ? "acme.a" : null, scope == "connection" ? "conn_1" : null, direction, status);

        var steps = await _store.ReadAsync(
            connection =>
            {
                var row = connection.Prepared("EXPLAIN QUERY PLAN " + LogReader.SqlFor(query));
                var found = new List<string>();
                while (row.Step())
                {
                    found.Add(row.GetText(3)!);
                }

                return found;
            },
            Stop);

        Assert.Matches($@"^SEARCH TABLE a2a_messages USING INDEX {index} \(.*created_at>\? AND created_at<\?\)$", steps[0]);
        Assert.All(steps.Skip(1), step => Assert.Equal("USE TEMP B-TREE FOR RIGHT PART OF ORDER BY", step));
    }

    [Fact]
    public async Task What_fits_no_index_is_looked_for_in_steps_of_a_bounded_size()
    {
        await AddAsync(LogReader.MaxLookedAt + 10);
        await AddAsync(1, at: 1, first: 1_000_000, direction: "incoming");

        var (none, place) = await Reader.ReadAsync(Query(agent: "acme.a", direction: "incoming"), LogPlace.Newest, 10, Stop);
        var (found, next) = await Reader.ReadAsync(Query(agent: "acme.a", direction: "incoming"), place!.Value, 10, Stop);

        Assert.Empty(none);
        Assert.Equal("m1000000", Assert.Single(found).MessageId);
        Assert.Null(next);
    }

    [Fact]
    public async Task Times_bound_a_search_and_each_filter_holds()
    {
        await AddAsync(10, at: 1000, step: 10);
        await AddAsync(1, at: 1045, first: 50, status: "failed");
        await AddAsync(1, at: 1046, first: 51, agent: "acme.c");
        await AddAsync(1, at: 1047, first: 52, agent: "other.a");

        var (found, _) = await Reader.ReadAsync(Query("acme", since: 1030, until: 1060), LogPlace.Newest, 100, Stop);
        var (failed, _) = await Reader.ReadAsync(Query("acme", status: "failed"), LogPlace.Newest, 100, Stop);
        var (seen, _) = await Reader.ReadAsync(Query("acme") with { MaySee = agent => agent == "acme.c" }, LogPlace.Newest, 100, Stop);

        Assert.Equal(["m5", "m51", "m50", "m4", "m3"], found.Select(row => row.MessageId));
        Assert.Equal(["m50"], failed.Select(row => row.MessageId));
        Assert.Equal(["m51"], seen.Select(row => row.MessageId));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("5")]
    [InlineData("5.")]
    [InlineData("-5.1")]
    [InlineData("5.1.1")]
    [InlineData("99999999999999999999.1")]
    public void A_place_that_is_none_is_refused(string text) =>
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => LogPlace.Parse(text)).Code);

    private static LogQuery Query(string? owner = null, string? agent = null, string? connection = null, string? direction = null, string? status = null, long since = 0, long until = long.MaxValue) =>
        new(owner, agent, connection, direction, status, since, until, _ => true);

    private Task<int> AddAsync(int count, long at = 10_000, int first = 0, int step = 0, string direction = "outgoing", string status = "delivered", string agent = "acme.a") =>
        _store.WriteAsync(connection => Enumerable.Range(first, count).Sum(number => connection.Execute(
            "INSERT INTO a2a_messages (direction, connection_id, status, created_at, message_id, owner, agent, peer, type, thread, correlation, error) " +
            "VALUES (@direction, 'conn_1', @status, @at, @id, @owner, @agent, 'acme.b', 'text', '', '', '')",
            new { direction, status, at = at + ((number - first) * step), id = $"m{number}", owner = agent[..agent.IndexOf('.')], agent })), Stop);
}
