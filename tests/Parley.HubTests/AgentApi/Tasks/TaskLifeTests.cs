using System.Runtime.CompilerServices;
using System.Text;
using Parley.Client.Responders;
using Parley.Gateway.Wire.V1;
using Parley.Gateway.A2a;
using Parley.Hub.AgentApi;
using Parley.Hub.Backup;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing;
using Parley.Testing.Tasks;

namespace Parley.HubTests.AgentApi.Tasks;

public sealed class TaskLifeTests
{
    private const string Marker = "marker-7f3a9c51";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async System.Threading.Tasks.Task A_task_whose_time_is_over_is_gone_from_database_and_log()
    {
        var time = new FakeTimeProvider();
        await using var kit = await TaskKit.StartAsync(options => options.Tasks.Retention = TimeSpan.FromHours(2), time);
        kit.Hub.ClientTime = TimeProvider.System;
        await kit.EchoAsync();
        var task = await kit.SendAsync(kit.Message(Marker));

        time.Advance(TimeSpan.FromHours(1.9));
        await kit.Open.ExpireAsync();
        Assert.Equal(TaskState.Completed, (await kit.GetAsync(task.Id)).Status.State);
        await Deadline.UntilAsync(() => kit.Open.Count == 0, "nobody holds the task");
        time.Advance(TimeSpan.FromHours(0.2));
        await Deadline.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(31));
                return System.Threading.Tasks.Task.FromResult(!HoldsMarker(kit.Hub.DataFolder));
            },
            "the marker is gone");

        Assert.Equal(ErrorCode.TaskUnknown, (await Assert.ThrowsAsync<ParleyException>(() => kit.GetAsync(task.Id))).Code);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_task_goes_on_under_the_new_names_of_its_owner_and_of_its_agent()
    {
        await using var kit = await TaskKit.StartAsync();
        var alice = await kit.Hub.EnrolAsync("alice");
        var goOn = new TaskCompletionSource<string>();
        await kit.ListenAsync(_ => goOn.Task);
        var task = await kit.SendAsync(kit.Message("hello", request => request.Configuration = new SendMessageConfiguration { ReturnImmediately = true }), CallerOf(alice.Address));
        await Deadline.UntilAsync(async () => (await kit.GetAsync(task.Id, CallerOf(alice.Address))).Status.State == TaskState.Working, "the agent works");
        var alicia = new AgentAddress("acme", "alicia");

        await kit.Hub.Get<AgentRegistry>().RenameAsync(alice.Address, "alicia", Stop);
        var following = kit.Tasks.SubscribeAsync(CallerOf(alicia), new SubscribeToTaskRequest { Id = task.Id }, null, Stop).GetAsyncEnumerator(Stop);
        await following.MoveNextAsync().AsTask().WaitAsync(Deadline.Shared, Stop);
        var held = kit.Open.Count;
        goOn.SetResult("done");
        while (await following.MoveNextAsync().AsTask().WaitAsync(Deadline.Shared, Stop))
        {
        }

        Assert.Equal(1, held);
        Assert.Equal(TaskState.Completed, (await kit.GetAsync(task.Id, CallerOf(alicia))).Status.State);
        Assert.Equal(ErrorCode.TaskUnknown, (await Assert.ThrowsAsync<ParleyException>(() => kit.GetAsync(task.Id, CallerOf(alice.Address)))).Code);
    }

    private static ApiCall CallerOf(AgentAddress agent) => new(Principal.Of(agent), A2aVersion.V1);

    [Theory]
    [InlineData(2, 0.5)]
    [InlineData(0.5, 2)]
    public async System.Threading.Tasks.Task An_agent_s_own_retention_counts_before_the_hub_s(double hubHours, double ownHours)
    {
        var time = new FakeTimeProvider();
        await using var kit = await TaskKit.StartAsync(options => options.Tasks.Retention = TimeSpan.FromHours(hubHours), time);
        kit.Hub.ClientTime = TimeProvider.System;
        await kit.EchoAsync();
        var task = await kit.SendAsync(kit.Message("hello"));
        await Deadline.UntilAsync(() => kit.Open.Count == 0, "nobody holds the task");
        await kit.Hub.Get<AgentRegistry>().SetTaskRetentionAsync(kit.Agent.Address, TimeSpan.FromHours(ownHours), Stop);

        time.Advance(TimeSpan.FromHours(ownHours * 0.9));
        await kit.Open.ExpireAsync();
        await kit.GetAsync(task.Id);
        await Deadline.UntilAsync(() => kit.Open.Count == 0, "nobody holds the task");
        time.Advance(TimeSpan.FromHours(ownHours * 0.2));
        await kit.Open.ExpireAsync();

        Assert.Equal(ErrorCode.TaskUnknown, (await Assert.ThrowsAsync<ParleyException>(() => kit.GetAsync(task.Id))).Code);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_task_whose_agent_is_not_heard_of_any_more_fails_and_leaves_nothing_open()
    {
        var time = new FakeTimeProvider();
        await using var kit = await TaskKit.StartAsync(options => options.Tasks.Silence = TimeSpan.FromMinutes(30), time);
        kit.Hub.ClientTime = TimeProvider.System;
        var began = new TaskCompletionSource();
        await kit.ListenAsync((_, cancellationToken) => HangAsync(began, cancellationToken));
        var task = await kit.PostAsync("work");
        await began.Task.WaitAsync(Deadline.Shared, Stop);
        await kit.UntilAsync(task.Id, TaskState.Working);

        // The link, silent for as long, is dialled again; what it says then may come in before the task is looked at.
        await Deadline.UntilAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromMinutes(31));
                return (await kit.GetAsync(task.Id)).Status.State == TaskState.Failed;
            },
            "the task has failed");
        var failed = await kit.GetAsync(task.Id);

        Assert.Equal("The agent was not heard of for 30m.", failed.Status.Message.Parts[0].Text);
        await Deadline.UntilAsync(() => kit.Open.Count == 0, "nothing holds the task");
    }

    [Fact]
    public async System.Threading.Tasks.Task A_restored_hub_has_its_tasks_and_goes_on_with_what_had_not_begun()
    {
        using var elsewhere = new TempFolder();
        var archive = elsewhere.PathOf("hub.tar.gz");
        await using var kit = await TaskKit.StartAsync(options => options.Tasks.HeldWait = TimeSpan.Zero);
        var listener = await kit.EchoAsync();
        var done = await kit.SendAsync(kit.Message("done"));
        var events = await kit.FollowAsync(done.Id, 0);
        await listener.DisposeAsync();
        var waiting = await kit.SendAsync(kit.Message("later"));
        BackupWriter.Write(kit.Hub.DataFolder, archive, TimeProvider.System.GetUtcNow());
        var lost = await kit.SendAsync(kit.Message("after the backup"));

        await kit.Hub.StopAsync();
        HubRestore.Run(archive, kit.Hub.DataFolder, isForced: true, TimeProvider.System.GetUtcNow());
        await kit.StartAgainAsync();
        await kit.EchoAsync();
        var late = await kit.UntilAsync(waiting.Id, TaskState.Completed);

        Assert.Equal(done, await kit.GetAsync(done.Id));
        Assert.Equal(events.Select(one => one.Response), (await kit.FollowAsync(done.Id, 0)).Select(one => one.Response));
        Assert.Equal("echo later", late.Artifacts[0].Parts[0].Text);
        Assert.Equal(ErrorCode.TaskUnknown, (await Assert.ThrowsAsync<ParleyException>(() => kit.GetAsync(lost.Id))).Code);
    }

    [Fact]
    public async System.Threading.Tasks.Task An_answer_that_came_while_the_hub_was_down_is_the_task_s_all_the_same()
    {
        await using var kit = await TaskKit.StartAsync();
        var goOn = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        var runs = 0;
        await kit.ListenAsync(async text =>
        {
            Interlocked.Increment(ref runs);
            started.TrySetResult();
            await goOn.Task;
            return "done";
        });
        var task = await kit.PostAsync("work");
        await started.Task.WaitAsync(Deadline.Shared, Stop);
        await kit.UntilAsync(task.Id, TaskState.Working);
        await kit.Hub.StopAsync();
        goOn.SetResult();
        await kit.StartAgainAsync();

        var done = await kit.UntilAsync(task.Id, TaskState.Completed);

        Assert.Equal(("done", 1), (done.Artifacts[0].Parts[0].Text, runs));
        Assert.Equal(done, TaskLog.Replay(await kit.FollowAsync(task.Id, 0)));
    }

    [Fact]
    public async System.Threading.Tasks.Task A_stream_that_was_cut_by_a_restart_goes_on_after_its_last_event()
    {
        await using var kit = await TaskKit.StartAsync();
        var goOn = new TaskCompletionSource();
        await kit.ListenAsync((_, _) => TwoAsync(goOn.Task));
        var seen = new List<Hub.AgentApi.TaskEvent>();
        var refusal = await Record.ExceptionAsync(async () =>
        {
            await foreach (var one in kit.Tasks.StreamAsync(TaskKit.Acme, kit.Message("go"), Stop))
            {
                seen.Add(one);
                if (one.Response.ArtifactUpdate is not null)
                {
                    await kit.RestartAsync();
                }
            }
        });
        goOn.SetResult();

        var rest = await kit.FollowAsync(seen[0].Response.Task.Id, seen[^1].Number);

        Assert.Equal(ErrorCode.Draining, Assert.IsType<ParleyException>(refusal).Code);
        Assert.Equal("one two", TaskLog.TextOf([.. seen, .. rest]));
        Assert.Equal(Enumerable.Range(1, seen.Count + rest.Count).Select(number => (long)number), seen.Concat(rest).Select(one => one.Number));
    }

    [Fact]
    public async System.Threading.Tasks.Task An_owner_that_has_as_much_as_it_may_is_refused()
    {
        await using var kit = await TaskKit.StartAsync(options => options.Tasks.MaxOpenPerOwner = 2);
        await kit.PostAsync("one");
        await kit.PostAsync("two");

        Assert.Equal(ErrorCode.RateLimited, (await Assert.ThrowsAsync<ParleyException>(() => kit.PostAsync("three"))).Code);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_send_to_an_agent_that_is_offline_does_not_wait_for_ever()
    {
        await using var kit = await TaskKit.StartAsync(options => options.Tasks.HeldWait = TimeSpan.Zero);

        var task = await kit.SendAsync(kit.Message("later"));

        Assert.Equal(TaskState.Submitted, task.Status.State);
        Assert.Contains("mailbox", task.Status.Message.Parts[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async System.Threading.Tasks.Task Messages_to_a_task_that_cannot_take_them_are_refused()
    {
        await using var kit = await TaskKit.StartAsync();
        await kit.EchoAsync();
        var done = await kit.SendAsync(kit.Message("done"));

        var ended = await Assert.ThrowsAsync<ParleyException>(() => kit.SendAsync(kit.Message("more", request => request.Message.TaskId = done.Id)));
        var unknown = await Assert.ThrowsAsync<ParleyException>(() => kit.SendAsync(kit.Message("more", request => request.Message.TaskId = "nope")));
        var waiting = await kit.SendAsync(kit.Message("again"));

        Assert.Equal((ErrorCode.OperationNotSupported, ErrorCode.TaskUnknown), (ended.Code, unknown.Code));
        Assert.Equal(TaskState.Completed, waiting.Status.State);
    }

    private static async IAsyncEnumerable<ResponderEvent> HangAsync(TaskCompletionSource began, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        began.TrySetResult();
        await System.Threading.Tasks.Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        yield break;
    }

    private static async IAsyncEnumerable<ResponderEvent> TwoAsync(System.Threading.Tasks.Task goOn)
    {
        yield return new ResponderEvent.Text("one ", IsDelta: true);
        await goOn;
        yield return new ResponderEvent.Text("two", IsDelta: true);
    }

    private static bool HoldsMarker(string folder) => Directory.GetFiles(folder, "parley.db*").Any(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

        // The log of the database may be cut while it is read.
        var bytes = new byte[stream.Length];
        var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return bytes.AsSpan(0, count).IndexOf(Encoding.UTF8.GetBytes(Marker)) >= 0;
    });
}
