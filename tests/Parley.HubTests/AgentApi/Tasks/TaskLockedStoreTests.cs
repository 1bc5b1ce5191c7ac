using Microsoft.Data.Sqlite;
using Parley.Gateway.Wire.V1;
using Parley.Hub.Backup;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Testing.Tasks;
using Task = System.Threading.Tasks.Task;

namespace Parley.HubTests.AgentApi.Tasks;

/// <summary>Another program holds the database: a backup tool, or a person with a shell.</summary>
public sealed class TaskLockedStoreTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_it_is_held_a_send_is_refused_and_afterwards_its_repetition_runs_once()
    {
        await using var kit = await TaskKit.StartAsync(options => options.Tasks.StoreWait = TimeSpan.FromSeconds(1));
        kit.AllowFailingStore();
        var runs = 0;
        await kit.ListenAsync(_ => Task.FromResult($"run {Interlocked.Increment(ref runs)}"));
        await kit.SendAsync(kit.Message("before"));
        var message = kit.Message("while it is held");

        await using (var other = new SqliteConnection($"Data Source={Path.Combine(kit.Hub.DataFolder, HubFiles.Database)};Pooling=False"))
        {
            await other.OpenAsync(Stop);
            await using var held = other.BeginTransaction(deferred: false);
            var refusal = await Assert.ThrowsAsync<ParleyException>(() => kit.SendAsync(message.Clone())).WaitAsync(Deadline.Shared, Stop);
            Assert.Equal(ErrorCode.Unavailable, refusal.Code);
        }

        var task = await TaskKit.OnceStoredAsync(() => kit.SendAsync(message.Clone()));

        Assert.Equal((TaskState.Completed, 2), (task.Status.State, runs));
    }
}
