using System.Net.Http.Headers;
using Google.Protobuf;
using Parley.Client.Responders;
using Parley.Gateway.A2a;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Testing;
using Parley.Testing.A2a;
using Role = Parley.Gateway.Wire.V1.Role;
using Task = System.Threading.Tasks.Task;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.HubTests.A2a;

/// <summary>A real agent behind a real hub as its clients see it, on every binding and in every version: what one says, the others say too.</summary>
public abstract class A2aServerSpec : IAsyncLifetime
{
    private HubFixture _hub = null!;
    private EnrolledAgent _agent = null!;
    private string _key = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync();
        _agent = await _hub.EnrolAsync("bob");
        _key = await KeyAsync("acme");
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_send_waits_for_the_answer_and_the_task_stays()
    {
        await ListenAsync((request, _) => AnswerAsync("echo " + DelegateResponder.TextOf(request)));

        var task = await SendAsync("hi");
        var read = (V1.Task)(await Client().CallAsync(A2aOperation.GetTask, new GetTaskRequest { Id = task.Id }, Stop))!;
        var list = (ListTasksResponse)(await Client().CallAsync(A2aOperation.ListTasks, new ListTasksRequest { ContextId = task.ContextId }, Stop))!;

        Assert.Equal(TaskState.Completed, task.Status.State);
        Assert.Equal("echo hi", TextOf(task));
        Assert.Equal("echo hi", TextOf(read));
        Assert.Equal(task.Id, Assert.Single(list.Tasks).Id);
        Assert.Equal(1, list.TotalSize);
    }

    [Fact]
    public async Task A_stream_begins_with_the_task_and_ends_with_its_end()
    {
        await ListenAsync((_, _) => DeltasAsync("one ", "two"));

        var events = await ReadAsync(A2aOperation.SendStreamingMessage, Send("hi"), null);

        Assert.Equal(StreamResponse.PayloadOneofCase.Task, events[0].Response.PayloadCase);
        Assert.Equal("one two", TextOf(events));
        Assert.Equal(TaskState.Completed, events[^1].Response.StatusUpdate.Status.State);
        Assert.Equal(Enumerable.Range(0, events.Count).Select(step => events[0].Number + step), events.Select(one => one.Number));
    }

    [Fact]
    public async Task A_stream_that_was_cut_is_resumed_without_a_gap_even_after_the_end()
    {
        await ListenAsync((_, _) => DeltasAsync("one ", "two ", "three"));
        var whole = await ReadAsync(A2aOperation.SendStreamingMessage, Send("hi"), null);
        var task = whole[0].Response.Task.Id;

        for (var seen = 1; seen < whole.Count; seen++)
        {
            var rest = await ReadAsync(A2aOperation.SubscribeToTask, new SubscribeToTaskRequest { Id = task }, whole[seen - 1].Number);

            Assert.Equal(whole.Skip(seen), rest);
        }
    }

    [Fact]
    public async Task A_task_that_has_ended_takes_no_subscription_no_message_and_no_cancellation()
    {
        await ListenAsync((_, _) => AnswerAsync("done"));
        var task = await SendAsync("hi");

        await AssertRefusedAsync(ErrorCode.OperationNotSupported, A2aOperation.SubscribeToTask, new SubscribeToTaskRequest { Id = task.Id });
        await AssertRefusedAsync(ErrorCode.TaskNotCancelable, A2aOperation.CancelTask, new CancelTaskRequest { Id = task.Id });
        await AssertRefusedAsync(ErrorCode.OperationNotSupported, A2aOperation.SendMessage, Send("more", message => message.TaskId = task.Id));
    }

    [Fact]
    public async Task A_cancellation_reaches_the_agent()
    {
        var (running, stopped) = (new TaskCompletionSource(), new TaskCompletionSource());
        await ListenAsync((_, cancellationToken) => UntilStoppedAsync(running, stopped, cancellationToken));
        var started = await SendAsync("hi", configuration => configuration.ReturnImmediately = true);

        // One that comes before is answered without the agent's work.
        await running.Task.WaitAsync(Deadline.Shared, Stop);
        var task = (V1.Task)(await Client().CallAsync(A2aOperation.CancelTask, new CancelTaskRequest { Id = started.Id }, Stop))!;

        await stopped.Task.WaitAsync(Deadline.Shared, Stop);
        Assert.Equal(TaskState.Canceled, task.Status.State);
    }

    [Fact]
    public async Task A_question_of_the_agent_is_answered_in_the_same_task()
    {
        await ListenAsync((request, _) => AskAsync(DelegateResponder.TextOf(request)));
        var asked = await SendAsync("book");

        var answered = await SendAsync("Berlin", message: message => (message.TaskId, message.ContextId) = (asked.Id, asked.ContextId));

        Assert.Equal(TaskState.InputRequired, asked.Status.State);
        Assert.Equal(asked.Id, answered.Id);
        Assert.Equal(TaskState.Completed, answered.Status.State);
    }

    [Fact]
    public async Task Another_owners_key_finds_neither_agent_nor_task()
    {
        await ListenAsync((_, _) => AnswerAsync("secret"));
        var task = await SendAsync("hi");
        var stranger = Connect(await ClientWithAsync("umbrella"), "acme.bob");

        foreach (var (operation, request) in A2aSamples.Requests())
        {
            Name(request, task.Id);
            var known = await RefusedAsync(stranger, operation, request);
            Name(request, "no-such-task");
            var unknown = await RefusedAsync(stranger, operation, request);

            Assert.Equal(known.Text, unknown.Text);
            Assert.DoesNotContain("secret", known.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_task_of_one_agent_is_not_found_at_another()
    {
        await ListenAsync((_, _) => AnswerAsync("x"));
        await _hub.EnrolAsync("eve");
        var task = await SendAsync("hi");

        var refused = await RefusedAsync(Connect(ClientWith(_key), "eve"), A2aOperation.GetTask, new GetTaskRequest { Id = task.Id });

        Client().AssertRefused(ErrorCode.TaskUnknown, refused);
    }

    [Fact]
    public async Task The_same_message_again_is_the_same_task_and_runs_once()
    {
        var runs = 0;
        await ListenAsync((_, _) =>
        {
            Interlocked.Increment(ref runs);
            return AnswerAsync("once");
        });

        var first = await SendAsync("hi", message: message => message.MessageId = "m-1");
        var again = await SendAsync("hi", message: message => message.MessageId = "m-1");

        Assert.Equal(first.Id, again.Id);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task A_message_without_parts_or_id_is_refused()
    {
        await AssertRefusedAsync(ErrorCode.InvalidArgument, A2aOperation.SendMessage, Send("x", message => message.Parts.Clear()));
        await AssertRefusedAsync(ErrorCode.InvalidArgument, A2aOperation.SendMessage, Send("x", message => message.MessageId = string.Empty));
    }

    [Fact]
    public async Task Tasks_that_nobody_knows_are_not_found_by_any_operation()
    {
        foreach (var (operation, request) in A2aSamples.Requests().Where(one => A2aNamesTask(one.Request)))
        {
            Name(request, "no-such-task");
            await AssertRefusedAsync(ErrorCode.TaskUnknown, operation, request);
        }
    }

    /// <summary>A client at an agent's own address.</summary>
    private protected abstract A2aTestClient Connect(HttpClient http, string agent);

    private static bool A2aNamesTask(IMessage request) =>
        request is GetTaskRequest or CancelTaskRequest or SubscribeToTaskRequest or SendMessageRequest;

    private static void Name(IMessage request, string task)
    {
        switch (request)
        {
            case SendMessageRequest send:
                send.Message.TaskId = task;
                send.Message.ContextId = string.Empty;
                break;
            case ListTasksRequest or GetExtendedAgentCardRequest:
                break;
            default:
                (request.Descriptor.FindFieldByName("task_id") ?? request.Descriptor.FindFieldByName("id")).Accessor.SetValue(request, task);
                break;
        }
    }

    private static SendMessageRequest Send(string text, Action<Message>? change = null, Action<SendMessageConfiguration>? configure = null)
    {
        var message = new Message { MessageId = EnvelopeId.Make(System.Security.Cryptography.RandomNumberGenerator.Fill).Value, Role = Role.User, Parts = { new Part { Text = text } } };
        change?.Invoke(message);
        var request = new SendMessageRequest { Message = message, Configuration = new SendMessageConfiguration() };
        configure?.Invoke(request.Configuration);
        return request;
    }

    private static string TextOf(V1.Task task) => string.Concat(task.Artifacts.SelectMany(artifact => artifact.Parts).Select(part => part.Text));

    private static string TextOf(IEnumerable<TaskEvent> events) => string.Concat(
        events.Where(one => one.Response.PayloadCase == StreamResponse.PayloadOneofCase.ArtifactUpdate).SelectMany(one => one.Response.ArtifactUpdate.Artifact.Parts).Select(part => part.Text));

    private static async IAsyncEnumerable<ResponderEvent> AnswerAsync(string text)
    {
        await Task.Yield();
        yield return new ResponderEvent.Text(text, IsDelta: false);
    }

    private static async IAsyncEnumerable<ResponderEvent> DeltasAsync(params string[] texts)
    {
        foreach (var text in texts)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            yield return new ResponderEvent.Text(text, IsDelta: true);
        }
    }

    private static async IAsyncEnumerable<ResponderEvent> AskAsync(string text)
    {
        await Task.Yield();
        yield return text == "book" ? new ResponderEvent.Status(ResponderState.InputRequired, "Where to?") : new ResponderEvent.Text("booked " + text, IsDelta: false);
    }

    private static async IAsyncEnumerable<ResponderEvent> UntilStoppedAsync(
        TaskCompletionSource running, TaskCompletionSource stopped, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new ResponderEvent.Status(ResponderState.Working, "at it");
        running.TrySetResult();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        finally
        {
            stopped.TrySetResult();
        }
    }

    private static async Task<A2aRefused> RefusedAsync(A2aTestClient client, A2aOperation operation, IMessage request)
    {
        var seen = await Record.ExceptionAsync(async () =>
        {
            if (operation is A2aOperation.SendStreamingMessage or A2aOperation.SubscribeToTask)
            {
                await foreach (var _ in client.StreamAsync(operation, request, null, Stop))
                {
                }
            }
            else
            {
                await client.CallAsync(operation, request, Stop);
            }
        });
        return Assert.IsType<A2aRefused>(seen);
    }

    private async Task AssertRefusedAsync(ErrorCode expected, A2aOperation operation, IMessage request) =>
        Client().AssertRefused(expected, await RefusedAsync(Client(), operation, request));

    private async Task<V1.Task> SendAsync(string text, Action<SendMessageConfiguration>? configure = null, Action<Message>? message = null) =>
        ((SendMessageResponse)(await Client().CallAsync(A2aOperation.SendMessage, Send(text, message, configure), Stop))!).Task;

    private async Task<List<TaskEvent>> ReadAsync(A2aOperation operation, IMessage request, long? after)
    {
        var seen = new List<TaskEvent>();
        await foreach (var one in Client().StreamAsync(operation, request, after, Stop))
        {
            seen.Add(one);
        }

        return seen;
    }

    private A2aTestClient Client() => Connect(ClientWith(_key), "bob");

    private async Task<HttpClient> ClientWithAsync(string owner) => ClientWith(await KeyAsync(owner));

    private HttpClient ClientWith(string key)
    {
        var client = new HttpClient { BaseAddress = _hub.Hub.Http };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    private async Task<string> KeyAsync(string owner) => (await _hub.Get<ApiKeys>().CreateAsync(owner, ApiScopes.Messages, null, "test", Stop)).Secret;

    private Task<TestListener> ListenAsync(Func<ResponderRequest, CancellationToken, IAsyncEnumerable<ResponderEvent>> answer) =>
        _hub.ConnectListenerAsync(_agent, new DelegateResponder(answer), new ListenSetup(), Stop);
}
