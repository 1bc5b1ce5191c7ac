using Parley.Client.Responders;
using Parley.Gateway.A2a;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing;
using Parley.Testing.Tasks;

namespace Parley.HubTests.AgentApi.Tasks;

public sealed class TaskSendTests : IAsyncLifetime
{
    private TaskKit _kit = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _kit = await TaskKit.StartAsync();

    public async ValueTask DisposeAsync() => await _kit.DisposeAsync();

    [Fact]
    public async System.Threading.Tasks.Task A_send_answers_with_the_task_that_is_done()
    {
        await _kit.EchoAsync();

        var task = await _kit.SendAsync(_kit.Message("hello"));

        Assert.Equal(TaskState.Completed, task.Status.State);
        Assert.Equal("echo hello", Assert.Single(Assert.Single(task.Artifacts).Parts).Text);
        Assert.Equal("m-1", Assert.Single(task.History).MessageId);
        Assert.Equal(task, await _kit.GetAsync(task.Id));
    }

    [Fact]
    public async System.Threading.Tasks.Task A_stream_begins_with_the_task_and_ends_with_its_end()
    {
        await _kit.ListenAsync((_, _) => CountAsync());

        var events = await _kit.StreamAsync(_kit.Message("count"));

        Assert.Equal(TaskState.Submitted, events[0].Response.Task.Status.State);
        Assert.Equal(TaskState.Completed, events[^1].Response.StatusUpdate.Status.State);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(one => one.Number));
        Assert.Equal("onetwo€", TaskLog.TextOf(events));
        Assert.True(events[^2].Response.ArtifactUpdate.LastChunk);
        Assert.Equal(await _kit.GetAsync(events[0].Response.Task.Id), TaskLog.Replay(events));
    }

    [Fact]
    public async System.Threading.Tasks.Task A_message_for_an_agent_that_is_offline_waits_and_says_why()
    {
        var task = await _kit.PostAsync("later");
        await Deadline.UntilAsync(async () => (await _kit.GetAsync(task.Id)).Status.Message is not null, "the status says why it waits");
        var waiting = await _kit.GetAsync(task.Id);
        await _kit.EchoAsync();
        var done = await _kit.UntilAsync(task.Id, TaskState.Completed);

        Assert.Equal(TaskState.Submitted, waiting.Status.State);
        Assert.Contains("offline", waiting.Status.Message.Parts[0].Text);
        Assert.Equal("echo later", done.Artifacts[0].Parts[0].Text);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_subscriber_gets_the_task_and_what_follows()
    {
        var task = await _kit.PostAsync("later");
        await using var following = _kit.Tasks.SubscribeAsync(TaskKit.Acme, new SubscribeToTaskRequest { Id = task.Id }, null, Stop).GetAsyncEnumerator(Stop);
        Assert.True(await following.MoveNextAsync());
        var events = new List<TaskEvent> { following.Current };
        await _kit.EchoAsync();
        while (await following.MoveNextAsync())
        {
            events.Add(following.Current);
        }

        Assert.Equal(Enumerable.Range(0, events.Count).Select(step => events[0].Number + step), events.Select(one => one.Number));
        Assert.Equal(await _kit.GetAsync(task.Id), TaskLog.Replay(events));
    }

    [Fact]
    public async System.Threading.Tasks.Task An_ended_task_can_be_read_again_from_any_event_on()
    {
        await _kit.ListenAsync((_, _) => CountAsync());
        var events = await _kit.StreamAsync(_kit.Message("count"));
        var id = events[0].Response.Task.Id;

        for (var after = 0; after <= events.Count; after++)
        {
            Assert.Equal(events.Skip(after), await _kit.FollowAsync(id, after));
        }

        Assert.Equal(ErrorCode.OperationNotSupported, (await Assert.ThrowsAsync<ParleyException>(() => _kit.FollowAsync(id))).Code);
        Assert.Equal(ErrorCode.InvalidArgument, (await Assert.ThrowsAsync<ParleyException>(() => _kit.FollowAsync(id, events.Count + 1))).Code);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_question_waits_for_its_answer_in_the_same_task()
    {
        await _kit.ListenAsync((request, _) => AskAsync(request));

        var asked = await _kit.SendAsync(_kit.Message("go"));
        var done = await _kit.SendAsync(_kit.Message("blue", request => request.Message.TaskId = asked.Id));

        Assert.Equal(TaskState.InputRequired, asked.Status.State);
        Assert.Equal("Which colour?", asked.Status.Message.Parts[0].Text);
        Assert.Equal((asked.Id, asked.ContextId, TaskState.Completed), (done.Id, done.ContextId, done.Status.State));
        Assert.Equal(["go", "Which colour?", "blue"], done.History.Select(message => message.Parts[0].Text));
        Assert.Equal("painted blue", Assert.Single(done.Artifacts).Parts[0].Text);
    }

    [Fact]
    public async System.Threading.Tasks.Task Fifty_repeats_at_once_are_one_task_and_one_run()
    {
        var runs = 0;
        await _kit.ListenAsync(text =>
        {
            Interlocked.Increment(ref runs);
            return System.Threading.Tasks.Task.FromResult("done");
        });
        var request = _kit.Message("once");

        var tasks = await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _kit.SendAsync(request.Clone())));
        var again = await _kit.SendAsync(request.Clone());

        Assert.Single(tasks.Append(again).Select(task => task.Id).Distinct());
        Assert.All(tasks.Append(again), task => Assert.Equal(TaskState.Completed, task.Status.State));
        Assert.Equal(1, runs);
    }

    [Fact]
    public async System.Threading.Tasks.Task An_id_that_is_used_for_another_message_is_refused()
    {
        await _kit.EchoAsync();
        var request = _kit.Message("one");
        await _kit.SendAsync(request.Clone());
        request.Message.Parts[0].Text = "two";

        Assert.Equal(ErrorCode.MessageIdReused, (await Assert.ThrowsAsync<ParleyException>(() => _kit.SendAsync(request))).Code);
    }

    [Fact]
    public async System.Threading.Tasks.Task The_same_id_of_two_owners_is_two_messages()
    {
        await _kit.EchoAsync();
        var request = _kit.Message("one");
        var mine = await _kit.SendAsync(request.Clone());
        request.Message.Parts[0].Text = "two";
        request.Configuration = new SendMessageConfiguration { ReturnImmediately = true };

        var theirs = await _kit.SendAsync(request, new ApiCall(new Principal(Hub.Identity.Role.Agent, "acme", new AgentAddress("acme", "carol"), ApiScopes.Default, "carol"), A2aVersion.V1));

        Assert.NotEqual(mine.Id, theirs.Id);
        Assert.Equal("two", theirs.History[0].Parts[0].Text);
        Assert.Equal("one", (await _kit.SendAsync(_kit.Message("one", again => again.Message.MessageId = request.Message.MessageId))).History[0].Parts[0].Text);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_task_is_found_by_its_owner_only()
    {
        await _kit.EchoAsync();
        var task = await _kit.SendAsync(_kit.Message("mine"));
        var other = TaskKit.CallOf("evil");

        var refusals = new[]
        {
            await Assert.ThrowsAsync<ParleyException>(() => _kit.GetAsync(task.Id, other)),
            await Assert.ThrowsAsync<ParleyException>(() => _kit.Tasks.CancelAsync(other, new CancelTaskRequest { Id = task.Id }, Stop)),
            await Assert.ThrowsAsync<ParleyException>(() => _kit.GetAsync("no-such-task")),
            await Assert.ThrowsAsync<ParleyException>(() => _kit.SendAsync(_kit.Message("more", request => (request.Tenant, request.Message.TaskId) = ("", task.Id)), other)),
        };

        Assert.All(refusals, refusal => Assert.Equal((ErrorCode.TaskUnknown, "There is no such task."), (refusal.Code, refusal.Message)));
    }

    [Fact]
    public async System.Threading.Tasks.Task A_task_goes_on_after_a_restart_of_the_hub()
    {
        var task = await _kit.PostAsync("later");
        await _kit.RestartAsync();
        await _kit.EchoAsync();

        var done = await _kit.UntilAsync(task.Id, TaskState.Completed);
        var events = await _kit.FollowAsync(task.Id, 0);

        Assert.Equal("echo later", done.Artifacts[0].Parts[0].Text);
        Assert.Equal(done, TaskLog.Replay(events));
    }

    private static async IAsyncEnumerable<ResponderEvent> CountAsync()
    {
        yield return new ResponderEvent.Text("one", IsDelta: true);
        await System.Threading.Tasks.Task.Yield();
        yield return new ResponderEvent.Text("two", IsDelta: true);
        yield return new ResponderEvent.Text("€", IsDelta: true);
    }

    private static async IAsyncEnumerable<ResponderEvent> AskAsync(ResponderRequest request)
    {
        await System.Threading.Tasks.Task.Yield();
        var text = DelegateResponder.TextOf(request);
        if (text == "go")
        {
            yield return new ResponderEvent.Status(ResponderState.InputRequired, "Which colour?");
        }
        else
        {
            yield return new ResponderEvent.Text("painted " + text, IsDelta: false);
        }
    }
}
