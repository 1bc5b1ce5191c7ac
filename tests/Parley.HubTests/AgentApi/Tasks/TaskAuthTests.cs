using System.Runtime.CompilerServices;
using Parley.Client.Responders;
using Parley.Gateway.Wire.V1;
using Parley.Testing;
using Parley.Testing.Tasks;
using Task = System.Threading.Tasks.Task;

namespace Parley.HubTests.AgentApi.Tasks;

/// <summary>Agents that need an authorisation from outside before they go on.</summary>
public sealed class TaskAuthTests
{
    private static readonly ResponderEvent _needs = new ResponderEvent.Status(ResponderState.AuthRequired, "Sign in at https://login.example/x.");

    [Fact]
    public async Task A_stream_stays_open_while_the_agent_waits_to_be_authorised()
    {
        var authorised = new TaskCompletionSource();
        await using var kit = await TaskKit.StartAsync();
        await kit.ListenAsync((_, cancellationToken) => WaitAsync(authorised.Task, cancellationToken));
        var states = new List<TaskState>();

        await foreach (var one in kit.Tasks.StreamAsync(TaskKit.Acme, kit.Message("pay"), TestContext.Current.CancellationToken))
        {
            states.AddRange(one.Response.StatusUpdate is { } update ? [update.Status.State] : []);
            if (one.Response.StatusUpdate is { Status.State: TaskState.AuthRequired } asked)
            {
                Assert.Equal("Sign in at https://login.example/x.", asked.Status.Message.Parts[0].Text);
                authorised.TrySetResult();
            }
        }

        Assert.Contains(TaskState.AuthRequired, states);
        Assert.Equal(TaskState.Completed, states[^1]);
    }

    [Fact]
    public async Task A_send_that_waits_is_answered_when_the_agent_needs_to_be_authorised_and_the_task_goes_on()
    {
        var authorised = new TaskCompletionSource();
        await using var kit = await TaskKit.StartAsync();
        await kit.ListenAsync((_, cancellationToken) => WaitAsync(authorised.Task, cancellationToken));

        var asked = await kit.SendAsync(kit.Message("pay"));
        authorised.SetResult();
        var done = await kit.UntilAsync(asked.Id, TaskState.Completed);

        Assert.Equal(TaskState.AuthRequired, asked.Status.State);
        Assert.Equal("paid", done.Artifacts[0].Parts[0].Text);
    }

    [Fact]
    public async Task An_agent_that_ended_with_the_wish_goes_on_with_the_next_message_of_the_task_also_after_a_restart()
    {
        await using var kit = await TaskKit.StartAsync();
        await kit.ListenAsync((request, _) => DelegateResponder.TextOf(request) == "done" ? OneAsync(new ResponderEvent.Text("paid", IsDelta: false)) : OneAsync(_needs));
        var asked = await kit.SendAsync(kit.Message("pay"));
        await kit.RestartAsync();

        var done = await kit.SendAsync(kit.Message("done", request => request.Message.TaskId = asked.Id));

        Assert.Equal((TaskState.AuthRequired, TaskState.Completed, asked.Id), (asked.Status.State, done.Status.State, done.Id));
        Assert.Equal(asked.ContextId, done.ContextId);
    }

    [Fact]
    public async Task A_task_that_waits_to_be_authorised_can_be_cancelled_and_its_agent_stops()
    {
        var stopped = new TaskCompletionSource();
        await using var kit = await TaskKit.StartAsync();
        await kit.ListenAsync((_, cancellationToken) => HangAsync(stopped, cancellationToken));
        var asked = await kit.SendAsync(kit.Message("pay"));

        var cancelled = await kit.Tasks.CancelAsync(TaskKit.Acme, new CancelTaskRequest { Id = asked.Id }, TestContext.Current.CancellationToken);
        await stopped.Task.WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);

        Assert.Equal(TaskState.Canceled, cancelled.Status.State);
    }

    private static async IAsyncEnumerable<ResponderEvent> WaitAsync(Task authorised, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return _needs;
        await authorised.WaitAsync(cancellationToken);
        yield return new ResponderEvent.Status(ResponderState.Working, "thanks");
        yield return new ResponderEvent.Text("paid", IsDelta: false);
    }

    private static async IAsyncEnumerable<ResponderEvent> HangAsync(TaskCompletionSource stopped, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return _needs;
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        finally
        {
            stopped.TrySetResult();
        }
    }

    private static async IAsyncEnumerable<ResponderEvent> OneAsync(ResponderEvent one)
    {
        await Task.Yield();
        yield return one;
    }
}
