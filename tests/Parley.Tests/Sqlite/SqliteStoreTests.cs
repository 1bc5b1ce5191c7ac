using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Sqlite;
using Parley.Testing;

namespace Parley.Tests.Sqlite;

public sealed class SqliteStoreTests : IDisposable
{
    private static readonly Migration[] _notes = [new(1, "notes", "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)")];
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData(Durability.Full)]
    [InlineData(Durability.Normal)]
    [InlineData(Durability.Memory)]
    public async Task A_committed_write_is_read_back(Durability durability)
    {
        await using var store = Open(durability);

        await store.WriteAsync(connection => Add(connection, "one"));

        Assert.Equal(["one"], await TextsAsync(store));
    }

    [Fact]
    public async Task A_write_survives_closing_and_opening()
    {
        await using (var store = Open())
        {
            await store.WriteAsync(connection => Add(connection, "kept"));
        }

        await using var again = Open();

        Assert.Equal(["kept"], await TextsAsync(again));
    }

    [Fact]
    public async Task A_hundred_writers_share_few_commits()
    {
        await using var store = Open();
        using var gate = new ManualResetEventSlim();
        var blocker = store.WriteAsync(_ => gate.Wait());

        var writes = Enumerable.Range(0, 100).Select(number => store.WriteAsync(connection => Add(connection, $"{number}"))).ToArray();
        gate.Set();
        await Task.WhenAll([blocker, .. writes]);

        Assert.Equal(101, store.Counts.Works);
        Assert.InRange(store.Counts.Commits, 1, 3);
        Assert.Equal(100, (await TextsAsync(store)).Count);
    }

    [Theory]
    [InlineData(Durability.Full)]
    [InlineData(Durability.Memory)]
    public async Task A_work_that_throws_takes_back_only_itself(Durability durability)
    {
        await using var store = Open(durability);
        using var gate = new ManualResetEventSlim();
        var blocker = store.WriteAsync(_ => gate.Wait());

        var before = store.WriteAsync(connection => Add(connection, "before"));
        var failing = store.WriteAsync(
            connection =>
            {
                Add(connection, "taken back");
                throw new InvalidOperationException("on purpose");
            });
        var after = store.WriteAsync(connection => Add(connection, "after"));
        gate.Set();
        await Task.WhenAll(blocker, before, after);

        await Assert.ThrowsAsync<InvalidOperationException>(() => failing);
        Assert.Equal(["after", "before"], await TextsAsync(store));
    }

    [Fact]
    public async Task A_broken_constraint_is_the_works_own_failure()
    {
        await using var store = Open();
        await store.WriteAsync(connection => Add(connection, "same"));

        var failure = await Assert.ThrowsAsync<SqliteException>(() => store.WriteAsync(connection => Add(connection, "same")));

        Assert.Equal(19, failure.SqliteErrorCode);
    }

    [Theory]
    [InlineData(Durability.Full)]
    [InlineData(Durability.Memory)]
    public async Task A_read_never_sees_what_is_not_committed(Durability durability)
    {
        await using var store = Open(durability);
        using var isWritten = new SemaphoreSlim(0);
        using var gate = new ManualResetEventSlim();

        var write = store.WriteAsync(
            connection =>
            {
                Add(connection, "pending");
                isWritten.Release();
                gate.Wait();
            });
        await isWritten.WaitAsync();
        var seen = TextsAsync(store);
        if (durability != Durability.Memory)
        {
            Assert.Empty(await seen);
        }

        gate.Set();
        await write;

        // A database in memory has one connection: the read waits for the commit instead.
        Assert.Equal(durability == Durability.Memory ? 1 : 0, (await seen).Count);
    }

    [Theory]
    [InlineData(Durability.Full)]
    [InlineData(Durability.Memory)]
    public async Task A_read_cannot_write(Durability durability)
    {
        await using var store = Open(durability);

        await Assert.ThrowsAnyAsync<Exception>(() => store.ReadAsync(connection => Add(connection, "smuggled")));

        Assert.Empty(await TextsAsync(store));
    }

    [Fact]
    public async Task A_work_cancelled_while_it_waits_does_not_run()
    {
        await using var store = Open();
        using var gate = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var blocker = store.WriteAsync(_ => gate.Wait());

        var write = store.WriteAsync(connection => Add(connection, "never"), cancellation.Token);
        await cancellation.CancelAsync();
        gate.Set();
        await blocker;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.Empty(await TextsAsync(store));
    }

    [Fact]
    public async Task A_full_disk_refuses_and_the_store_recovers()
    {
        await using var store = Open();
        await store.WriteAsync(connection => LimitPages(connection, 12));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.WriteAsync(connection => Add(connection, new string('x', 100_000))));
        await store.WriteAsync(connection => LimitPages(connection, 10_000));
        await store.WriteAsync(connection => Add(connection, "fits"));

        Assert.Equal(["fits"], await TextsAsync(store));
        Assert.Equal(1, store.Counts.Failures);
    }

    [Fact]
    public async Task Works_that_shared_the_full_transaction_are_told_that_nothing_was_written()
    {
        await using var store = Open();
        await store.WriteAsync(connection => LimitPages(connection, 12));
        using var gate = new ManualResetEventSlim();
        var blocker = store.WriteAsync(_ => gate.Wait());

        var small = store.WriteAsync(connection => Add(connection, "small"));
        var large = store.WriteAsync(connection => Add(connection, new string('x', 100_000)));
        gate.Set();
        await Record.ExceptionAsync(() => blocker);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => small);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => large);
        Assert.Empty(await TextsAsync(store));
    }

    [Fact]
    public async Task Too_many_waiting_writes_are_refused()
    {
        await using var store = SqliteStore.Open(Options() with { MaxQueued = 2 }, _notes, NullLogger.Instance, TimeProvider.System);
        using var isRunning = new SemaphoreSlim(0);
        using var gate = new ManualResetEventSlim();
        var blocker = store.WriteAsync(
            _ =>
            {
                isRunning.Release();
                gate.Wait();
            });
        await isRunning.WaitAsync();
        var waiting = new[] { "a", "b" }.Select(text => store.WriteAsync(connection => Add(connection, text))).ToArray();

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.WriteAsync(connection => Add(connection, "c")));

        gate.Set();
        await Task.WhenAll([blocker, .. waiting]);
    }

    [Fact]
    public async Task Deleted_content_is_gone_from_database_and_log_after_a_scrub()
    {
        const string Secret = "the-secret-that-must-vanish";
        await using var store = Open();
        await store.WriteAsync(connection => Add(connection, Secret));
        Assert.Contains(Secret, AllBytes(), StringComparison.Ordinal);

        await store.WriteAsync(connection => connection.Execute("DELETE FROM notes"));
        var isDone = await store.ScrubAsync();

        Assert.True(isDone);
        Assert.DoesNotContain(Secret, AllBytes(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_file_is_for_its_owner_only()
    {
        await using var store = Open();
        await store.WriteAsync(connection => Add(connection, "one"));
        await store.BackupAsync(_folder.PathOf("copy.db"));

        var modes = Directory.GetFiles(_folder.FullPath).ToDictionary(file => Path.GetFileName(file), File.GetUnixFileMode);

        Assert.Equal(["copy.db", "store.db", "store.db-shm", "store.db-wal"], modes.Keys.Order());
        Assert.All(modes.Values, mode => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode));
    }

    [Fact]
    public async Task A_file_that_others_may_read_is_refused()
    {
        await Open().DisposeAsync();
        File.SetUnixFileMode(_folder.PathOf("store.db"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        var refusal = Assert.Throws<StoreRefusedException>(() => Open());

        Assert.Contains("chmod 600", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        await File.WriteAllTextAsync(_folder.PathOf("store.db"), new string('?', 10_000));
        File.SetUnixFileMode(_folder.PathOf("store.db"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Assert.Throws<StoreUnavailableException>(() => Open());
    }

    [Theory]
    [InlineData(Durability.Full)]
    [InlineData(Durability.Memory)]
    public async Task A_backup_is_a_whole_database(Durability durability)
    {
        await using var store = Open(durability);
        await store.WriteAsync(connection => Add(connection, "copied"));

        await store.BackupAsync(_folder.PathOf("copy.db"));

        await using var copy = SqliteStore.Open(Options() with { File = _folder.PathOf("copy.db") }, _notes, NullLogger.Instance, TimeProvider.System);
        Assert.Equal(["copied"], await TextsAsync(copy));
    }

    [Fact]
    public async Task A_closed_store_refuses_writes()
    {
        var store = Open();
        await store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.WriteAsync(connection => Add(connection, "late")));
    }

    [Fact]
    public async Task Closing_finishes_the_works_that_wait()
    {
        var store = Open();
        var writes = Enumerable.Range(0, 50).Select(number => store.WriteAsync(connection => Add(connection, $"{number}"))).ToArray();

        await store.DisposeAsync();

        Assert.All(writes, write => Assert.True(write.IsCompletedSuccessfully));
    }

    public void Dispose() => _folder.Dispose();

    private static bool Add(SqliteConnection connection, string text) =>
        connection.Prepared("INSERT INTO notes (text) VALUES (?)").Bind(1, text).Execute() == 1;

    private static void LimitPages(SqliteConnection connection, int pages) => connection.Execute($"PRAGMA max_page_count={pages}");

    private static Task<List<string>> TextsAsync(SqliteStore store) =>
        store.ReadAsync(connection => connection.Query<string>("SELECT text FROM notes ORDER BY text").AsList());

    private SqliteStoreOptions Options(Durability durability = Durability.Full) => new() { File = _folder.PathOf("store.db"), Durability = durability };

    private SqliteStore Open(Durability durability = Durability.Full) =>
        SqliteStore.Open(Options(durability), _notes, NullLogger.Instance, TimeProvider.System);

    private string AllBytes() => string.Concat(Directory.GetFiles(_folder.FullPath, "store.db*").Select(ReadShared));

    private static string ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
