using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Sqlite;
using Parley.Testing;

namespace Parley.Tests.Sqlite;

public sealed class MigratorTests : IDisposable
{
    private static readonly Migration _first = new(1, "notes", "CREATE TABLE notes (text TEXT NOT NULL); INSERT INTO notes VALUES ('old')");
    private static readonly Migration _second = new(2, "stars", "ALTER TABLE notes ADD COLUMN stars INTEGER NOT NULL DEFAULT 5");
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Missing_steps_run_once_and_keep_the_content()
    {
        await Open(_first).DisposeAsync();

        await Open(_first, _second).DisposeAsync();
        await using var store = Open(_first, _second);

        Assert.Equal(5, await store.ReadAsync(connection => connection.QuerySingle<int>("SELECT stars FROM notes")));
    }

    [Fact]
    public async Task A_database_with_content_is_copied_before_its_schema_changes()
    {
        await Open(_first).DisposeAsync();

        await Open(_first, _second).DisposeAsync();

        await using var copy = SqliteStore.Open(Options("store.db.v1"), [_first], NullLogger.Instance, TimeProvider.System);
        Assert.Equal("old", await copy.ReadAsync(connection => connection.QuerySingle<string>("SELECT text FROM notes")));
    }

    [Fact]
    public async Task A_new_database_is_not_copied()
    {
        await Open(_first, _second).DisposeAsync();

        Assert.Equal([_folder.PathOf("store.db")], Directory.GetFiles(_folder.FullPath));
    }

    [Fact]
    public async Task A_schema_newer_than_the_program_is_refused()
    {
        await Open(_first, _second).DisposeAsync();

        var refusal = Assert.Throws<StoreRefusedException>(() => Open(_first));

        Assert.Contains("newer program", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_that_fails_leaves_the_schema_before_it()
    {
        await Open(_first).DisposeAsync();

        Assert.ThrowsAny<Exception>(() => Open(_first, new Migration(2, "broken", "CREATE TABLE half (a); CREATE TABLE half (a)")));

        await using var store = Open(_first);
        var tables = await store.ReadAsync(connection => connection.Query<string>("SELECT name FROM sqlite_master").AsList());
        Assert.Equal(["notes"], tables);
    }

    [Fact]
    public async Task A_step_that_orphans_rows_is_refused()
    {
        var children = new Migration(2, "children", "CREATE TABLE child (parent INTEGER REFERENCES missing(id)); CREATE TABLE missing (id INTEGER PRIMARY KEY); INSERT INTO child VALUES (7)");
        await Open(_first).DisposeAsync();

        Assert.Throws<StoreRefusedException>(() => Open(_first, children));
    }

    [Fact]
    public void Steps_out_of_order_are_a_bug() => Assert.Throws<ArgumentException>(() => Open(_second));

    public void Dispose() => _folder.Dispose();

    private SqliteStoreOptions Options(string name = "store.db") => new() { File = _folder.PathOf(name) };

    private SqliteStore Open(params Migration[] migrations) => SqliteStore.Open(Options(), migrations, NullLogger.Instance, TimeProvider.System);
}
