using Parley.EndToEndTests.Responders;
using Parley.Gateway.Wire.V1;
using Parley.Testing;
using Parley.Testing.Tasks;

namespace Parley.EndToEndTests.A2a;

[Collection(nameof(RealProcesses))]
public sealed class TaskCancelProcessTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async System.Threading.Tasks.Task Canceling_a_task_ends_the_process_that_works_on_it()
    {
        await using var kit = await TaskKit.StartAsync();
        await kit.Hub.ConnectListenerAsync(kit.Agent, Answering.Exec("perl -e '$| = 1; print $$; sleep 300'"), cancellationToken: Stop);
        var task = await kit.PostAsync("go");
        await Deadline.UntilAsync(async () => (await kit.GetAsync(task.Id)).Artifacts.Count > 0, "the process says who it is");
        var pid = int.Parse((await kit.GetAsync(task.Id)).Artifacts[0].Parts[0].Text.Trim());
        Assert.True(Answering.IsAlive(pid));

        var canceled = await kit.Tasks.CancelAsync(TaskKit.Acme, new CancelTaskRequest { Id = task.Id }, Stop);

        Assert.Equal(TaskState.Canceled, canceled.Status.State);
        Assert.False(Answering.IsAlive(pid), $"process {pid} survived");
    }
}
