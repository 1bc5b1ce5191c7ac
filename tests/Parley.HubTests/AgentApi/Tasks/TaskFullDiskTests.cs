using System.Runtime.CompilerServices;
using Parley.Client.Responders;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Sqlite;
using Parley.Testing;
using Parley.Testing.Faults;
using Parley.Testing.Tasks;
using Task = System.Threading.Tasks.Task;

namespace Parley.HubTests.AgentApi.Tasks;

/// <summary>A disk that fills up while an agent works on a task.</summary>
public sealed class TaskFullDiskTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_ends_with_a_clear_refusal_and_goes_on_where_it_was_when_there_is_space()
    {
        await using var disk = await SmallDisk.MountAsync(32);
        await using var kit = await StartAsync(disk);
        await kit.ListenAsync((request, cancellationToken) => DelegateResponder.TextOf(request) == "go" ? FillAsync(disk, kit) : OneAsync());
        var seen = new List<Hub.AgentApi.TaskEvent>();

        var refusal = await Assert.ThrowsAsync<ParleyException>(async () =>
        {
            await foreach (var one in kit.Tasks.StreamAsync(TaskKit.Acme, kit.Message("go"), Stop))
            {
                seen.Add(one);
            }
        }).WaitAsync(Deadline.Shared, Stop);
        var id = seen[0].Response.Task.Id;
        var second = await Assert.ThrowsAsync<ParleyException>(() => kit.SendAsync(kit.Message("another"))).WaitAsync(Deadline.Shared, Stop);
        disk.Free();
        var rest = await TaskKit.OnceStoredAsync(() => kit.FollowAsync(id, seen[^1].Number));

        Assert.Equal((ErrorCode.Unavailable, ErrorCode.Unavailable), (refusal.Code, second.Code));
        Assert.Equal(Enumerable.Range(1, seen.Count + rest.Count).Select(number => (long)number), seen.Concat(rest).Select(one => one.Number));
        Assert.Equal(TaskState.Completed, (await kit.GetAsync(id)).Status.State);
        Assert.True(TaskLog.TextOf([.. seen, .. rest]).Length > 1 << 20);
    }

    [Fact]
    public async Task A_send_that_waits_is_refused_and_its_repetition_finds_the_task()
    {
        await using var disk = await SmallDisk.MountAsync(32);
        await using var kit = await StartAsync(disk);
        var runs = 0;
        await kit.ListenAsync((_, cancellationToken) =>
        {
            Interlocked.Increment(ref runs);
            return FillAsync(disk, kit);
        });
        var message = kit.Message("go");

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => kit.SendAsync(message.Clone())).WaitAsync(Deadline.Shared, Stop);
        disk.Free();
        var task = await TaskKit.OnceStoredAsync(() => kit.SendAsync(message.Clone()));

        Assert.Equal(ErrorCode.Unavailable, refusal.Code);
        Assert.Equal((TaskState.Completed, 1), (task.Status.State, runs));
    }

    private static async Task<TaskKit> StartAsync(SmallDisk disk)
    {
        var kit = await TaskKit.StartAsync(options =>
        {
            options.DataFolder = Path.Combine(disk.FullPath, "data");
            options.Tasks.StoreWait = TimeSpan.FromSeconds(2);
        });
        kit.AllowFailingStore();
        return kit;
    }

    private static async IAsyncEnumerable<ResponderEvent> OneAsync()
    {
        await Task.Yield();
        yield return new ResponderEvent.Text("one", IsDelta: false);
    }

    // The files have some space in reserve, so it takes more than a few words.
    private static async IAsyncEnumerable<ResponderEvent> FillAsync(SmallDisk disk, TaskKit kit)
    {
        yield return new ResponderEvent.Text("one ", IsDelta: true);
        await Deadline.UntilAsync(
            () => kit.Hub.Get<SqliteStore>().ReadAsync(
                connection =>
                {
                    var row = connection.Prepared("SELECT count(*) FROM task_events WHERE instr(events, CAST('one ' AS BLOB)) > 0");
                    row.Step();
                    var isThere = row.GetInt64(0) > 0;
                    row.Reset();
                    return isThere;
                },
                Stop),
            "the first words are stored");
        disk.Fill();
        for (var number = 0; number < 40; number++)
        {
            yield return new ResponderEvent.Text(new string('x', 60_000), IsDelta: true);
        }
    }
}
