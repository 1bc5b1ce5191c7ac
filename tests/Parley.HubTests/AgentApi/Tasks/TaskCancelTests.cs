using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Testing.Tasks;

namespace Parley.HubTests.AgentApi.Tasks;

public sealed class TaskCancelTests : IAsyncLifetime
{
    private TaskKit _kit = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _kit = await TaskKit.StartAsync();

    public async ValueTask DisposeAsync() => await _kit.DisposeAsync();

    [Fact]
    public async System.Threading.Tasks.Task A_message_in_the_mailbox_is_withdrawn()
    {
        var task = await _kit.PostAsync("later");
        await Deadline.UntilAsync(async () => (await _kit.GetAsync(task.Id)).Status.Message is not null, "the message waits");

        var canceled = await CancelAsync(task.Id);
        await _kit.EchoAsync();
        var after = await _kit.SendAsync(_kit.Message("next"));

        Assert.Equal(TaskState.Canceled, canceled.Status.State);
        Assert.Equal("echo next", after.Artifacts[0].Parts[0].Text);
        Assert.Equal(canceled, await _kit.GetAsync(task.Id));
    }

    [Fact]
    public async System.Threading.Tasks.Task A_responder_at_work_is_stopped_and_its_word_counts()
    {
        var started = new TaskCompletionSource();
        await _kit.Hub.ConnectListenerAsync(_kit.Agent, async (request, cancel) =>
        {
            started.SetResult();
            await System.Threading.Tasks.Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
            return "never";
        }, cancellationToken: Stop);
        var task = await _kit.PostAsync("work");
        await started.Task.WaitAsync(Deadline.Shared, Stop);

        var canceled = await CancelAsync(task.Id);

        Assert.Equal(TaskState.Canceled, canceled.Status.State);
        Assert.Equal(canceled, await CancelAsync(task.Id));
    }

    [Fact]
    public async System.Threading.Tasks.Task A_task_that_ended_cannot_be_canceled()
    {
        await _kit.EchoAsync();
        var task = await _kit.SendAsync(_kit.Message("done"));

        Assert.Equal(ErrorCode.TaskNotCancelable, (await Assert.ThrowsAsync<ParleyException>(() => CancelAsync(task.Id))).Code);
    }

    private Task<Gateway.Wire.V1.Task> CancelAsync(string id) => _kit.Tasks.CancelAsync(TaskKit.Acme, new CancelTaskRequest { Id = id }, Stop);
}
