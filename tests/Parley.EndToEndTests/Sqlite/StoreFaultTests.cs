using System.Diagnostics;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Sqlite;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.EndToEndTests.Sqlite;

public sealed class StoreFaultTests : IDisposable
{
    private const string FolderVariable = "PARLEY_TEST_STORE";
    private static readonly Migration[] _schema = [new(1, "numbers", "CREATE TABLE numbers (number INTEGER PRIMARY KEY, filler BLOB)")];
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_a_killed_process_had_acknowledged_is_in_the_store(int turn)
    {
        var acknowledged = _folder.PathOf("acknowledged");
        using (var child = StartWriter())
        {
            while (!File.Exists(acknowledged) || new FileInfo(acknowledged).Length < turn * 4000)
            {
                Assert.False(child.HasExited, "The writer ended by itself.");
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
            }

            child.Kill();
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await using var store = Open(_folder.PathOf("store.db"));
        var present = await store.ReadAsync(connection => connection.Query<long>("SELECT number FROM numbers").ToHashSet());
        var integrity = await store.ReadAsync(connection => connection.QuerySingle<string>("PRAGMA integrity_check"));
        var promised = File.ReadAllText(acknowledged).Split('\n')[..^1].Select(long.Parse).ToList();

        Assert.True(promised.Count >= turn * 500);
        Assert.Empty(promised.Where(number => !present.Contains(number)));
        Assert.Equal("ok", integrity);
    }

    /// <summary>The process that is killed: this test alone, run by <see cref="StartWriter"/>.</summary>
    [Fact(Explicit = true)]
    public async Task A_writer_that_runs_until_it_is_killed()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable) ?? throw new InvalidOperationException($"{FolderVariable} is not set.");
        await using var store = Open(Path.Combine(folder, "store.db"));
        using var acknowledged = new FileStream(Path.Combine(folder, "acknowledged"), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var gate = new Lock();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(async writer =>
        {
            for (var number = writer; !TestContext.Current.CancellationToken.IsCancellationRequested; number += 50)
            {
                await store.WriteAsync(connection => Add(connection, number, 100));
                lock (gate)
                {
                    acknowledged.Write(System.Text.Encoding.ASCII.GetBytes($"{number}\n"));
                }
            }
        }));
    }

    [Fact]
    public async Task A_full_disk_refuses_clearly_and_the_store_recovers_when_there_is_space_again()
    {
        await using var disk = await SmallDisk.MountAsync(1);
        await using var store = Open(Path.Combine(disk.FullPath, "store.db"));
        await store.WriteAsync(connection => Add(connection, 0, 100));
        disk.Fill();

        var refusals = await Task.WhenAll(Enumerable.Range(1, 20).Select(number =>
            Record.ExceptionAsync(() => store.WriteAsync(connection => Add(connection, number, 200_000))).AsTask()));
        var (seen, wasFailing) = (await CountAsync(store), store.IsFailing);
        disk.Free();
        await store.ProbeAsync();
        var isFailing = store.IsFailing;
        await store.WriteAsync(connection => Add(connection, 100, 1000));

        Assert.All(refusals, refusal => Assert.IsType<StoreUnavailableException>(refusal));
        Assert.Equal(1, seen);
        Assert.Equal((true, false), (wasFailing, isFailing));
        Assert.Equal(2, await CountAsync(store));
    }

    public void Dispose() => _folder.Dispose();

    private static SqliteStore Open(string file) =>
        SqliteStore.Open(new SqliteStoreOptions { File = file }, _schema, NullLogger.Instance, TimeProvider.System);

    private static bool Add(Microsoft.Data.Sqlite.SqliteConnection connection, long number, int size) =>
        connection.Prepared("INSERT INTO numbers (number, filler) VALUES (?1, zeroblob(?2))").Bind(1, number).Bind(2, size).Execute() == 1;

    private static Task<long> CountAsync(SqliteStore store) => store.ReadAsync(connection => connection.ExecuteScalar<long>("SELECT count(*) FROM numbers"));

    private Process StartWriter()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "--explicit", "only", "--filter-method", $"{typeof(StoreFaultTests).FullName}.{nameof(A_writer_that_runs_until_it_is_killed)}" },
            Environment = { [FolderVariable] = _folder.FullPath },
        };
        return Process.Start(start)!;
    }
}
