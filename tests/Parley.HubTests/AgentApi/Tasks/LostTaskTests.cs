using Microsoft.Data.Sqlite;
using Parley.Gateway.Wire.V1;
using Parley.Hub.Backup;
using Parley.Testing;
using Parley.Testing.Tasks;
using Task = System.Threading.Tasks.Task;

namespace Parley.HubTests.AgentApi.Tasks;

/// <summary>Tasks that go while an agent works on them.</summary>
public sealed class LostTaskTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_answer_of_a_task_that_is_gone_takes_no_room_from_others()
    {
        await using var kit = await TaskKit.StartAsync(options => options.Messaging.DeliveryWindow = 1);
        kit.Hub.Log.Allow("A task cannot go on");
        kit.Hub.Log.Allow("A task could not be stored");
        var mayAnswer = new TaskCompletionSource();
        await kit.ListenAsync(async text =>
        {
            await (text == "first" ? mayAnswer.Task : Task.CompletedTask);
            return "done";
        });
        var first = await kit.PostAsync("first");
        await kit.UntilAsync(first.Id, TaskState.Working);
        await ForgetAsync(kit, first.Id);

        mayAnswer.SetResult();
        await Deadline.UntilAsync(() => kit.Open.Count == 0, "nobody holds the task");
        var second = await kit.SendAsync(kit.Message("second")).WaitAsync(Deadline.Shared, Stop);

        Assert.Equal(TaskState.Completed, second.Status.State);
    }

    private static async Task ForgetAsync(TaskKit kit, string id)
    {
        await using var other = new SqliteConnection($"Data Source={Path.Combine(kit.Hub.DataFolder, HubFiles.Database)};Pooling=False");
        await other.OpenAsync(Stop);
        await using var command = other.CreateCommand();
        command.CommandText = "DELETE FROM tasks WHERE id = $id";
        command.Parameters.AddWithValue("$id", id);
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Stop));
    }
}
