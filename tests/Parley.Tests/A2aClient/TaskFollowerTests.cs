using System.Runtime.CompilerServices;
using Parley.Gateway.A2a;
using Parley.Gateway.Client;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Testing;
using Task = System.Threading.Tasks.Task;

namespace Parley.Tests.A2aClient;

public sealed class TaskFollowerTests
{
    private readonly ScriptedClient _client = new();
    private readonly SendMessageRequest _request = new();

    [Fact]
    public async Task A_stream_that_is_whole_is_passed_on_and_left_at_its_end()
    {
        _client.Streams.Enqueue([State(TaskState.Working, "1"), State(TaskState.Completed, "2"), State(TaskState.Failed, "3")]);

        var seen = await SendAsync();

        Assert.Equal(["1", "2"], seen.Select(one => one.Id));
        Assert.Empty(_client.Subscriptions);
    }

    [Fact]
    public async Task An_answer_to_a_question_is_not_over_with_the_question()
    {
        _client.Streams.Enqueue([new A2aEvent(new StreamResponse { Task = Make(TaskState.InputRequired) }, "1"), State(TaskState.Working, "2"), State(TaskState.InputRequired, "3")]);
        _request.Message = new Message { TaskId = "t-1" };

        var seen = await SendAsync();

        Assert.Equal(["1", "2", "3"], seen.Select(one => one.Id));
    }

    [Fact]
    public async Task A_cut_stream_goes_on_after_its_last_event()
    {
        _client.Streams.Enqueue([State(TaskState.Working, "1"), State(TaskState.Working, "2"), null]);
        _client.Streams.Enqueue([State(TaskState.Completed, "3")]);
        _client.Tasks.Enqueue(TaskState.Working);

        var seen = await SendAsync();

        Assert.Equal(["1", "2", "3"], seen.Select(one => one.Id));
        Assert.Equal(["2"], _client.Subscriptions);
    }

    [Fact]
    public async Task A_task_that_ended_while_its_stream_was_cut_is_told_whole()
    {
        _client.Streams.Enqueue([State(TaskState.Working, "1"), null]);
        _client.Tasks.Enqueue(TaskState.Completed);

        var seen = await SendAsync();

        Assert.Equal(TaskState.Completed, seen[^1].Response.Task.Status.State);
        Assert.Empty(_client.Subscriptions);
    }

    [Fact]
    public async Task A_stream_that_ends_early_without_a_failure_is_cut_too()
    {
        _client.Streams.Enqueue([State(TaskState.Working, "1")]);
        _client.Tasks.Enqueue(TaskState.InputRequired);

        var seen = await SendAsync();

        Assert.Equal(TaskState.InputRequired, seen[^1].Response.Task.Status.State);
    }

    [Fact]
    public async Task An_agent_that_takes_nobody_up_again_is_asked_until_it_has_ended()
    {
        _client.Streams.Enqueue([State(TaskState.Working, "1"), null]);
        _client.Tasks.Enqueue(TaskState.Working);
        _client.SubscribeRefusal = new ParleyException(ErrorCode.OperationNotSupported, "no");
        foreach (var state in new[] { TaskState.Working, TaskState.Working, TaskState.Completed })
        {
            _client.Tasks.Enqueue(state);
        }

        var seen = await SendAsync();

        Assert.Equal(TaskState.Completed, seen[^1].Response.Task.Status.State);
    }

    [Fact]
    public async Task An_agent_that_stays_away_is_given_up()
    {
        _client.Streams.Enqueue([State(TaskState.Working, "1"), null]);
        for (var count = 0; count < 10; count++)
        {
            _client.Streams.Enqueue([null]);
            _client.Tasks.Enqueue(TaskState.Working);
        }

        var refusal = await Assert.ThrowsAsync<ParleyException>(SendAsync);

        Assert.Equal(ErrorCode.AgentUnreachable, refusal.Code);
        Assert.Equal(6, _client.Subscriptions.Count);
    }

    [Fact]
    public async Task A_failure_before_the_task_is_known_is_told_at_once()
    {
        _client.Streams.Enqueue([null]);

        await Assert.ThrowsAsync<ParleyException>(SendAsync);

        Assert.Empty(_client.Subscriptions);
    }

    [Fact]
    public async Task Without_streams_the_task_is_asked_for_until_it_has_ended()
    {
        _client.Answer = new SendMessageResponse { Task = Make(TaskState.Working) };
        _client.Tasks.Enqueue(TaskState.Working);
        _client.Tasks.Enqueue(TaskState.Completed);

        var seen = await SendAsync(canStream: false);

        Assert.Equal(TaskState.Completed, seen[^1].Response.Task.Status.State);
    }

    private static A2aEvent State(TaskState state, string id) =>
        new(new StreamResponse { StatusUpdate = new TaskStatusUpdateEvent { TaskId = "t-1", Status = new Parley.Gateway.Wire.V1.TaskStatus { State = state } } }, id);

    private static Parley.Gateway.Wire.V1.Task Make(TaskState state) => new() { Id = "t-1", Status = new Parley.Gateway.Wire.V1.TaskStatus { State = state } };

    private Task<List<A2aEvent>> SendAsync() => SendAsync(canStream: true);

    private async Task<List<A2aEvent>> SendAsync(bool canStream)
    {
        var time = new FakeTimeProvider();
        var sending = new TaskFollower(_client, time).SendAsync(_request, canStream, CancellationToken.None).ToListAsync().AsTask();
        while (!sending.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        return await sending;
    }

    /// <summary>An agent that does as it was told; null in a stream is a broken connection.</summary>
    private sealed class ScriptedClient : IA2aClient
    {
        public Queue<A2aEvent?[]> Streams { get; } = [];

        public Queue<TaskState> Tasks { get; } = [];

        public List<string?> Subscriptions { get; } = [];

        public ParleyException? SubscribeRefusal { get; set; }

        public SendMessageResponse Answer { get; set; } = new();

        public A2aEndpoint Endpoint { get; } = new(new Uri("https://agent.example"), A2aBinding.JsonRpc, A2aVersion.V1);

        public Task<SendMessageResponse> SendAsync(SendMessageRequest request, CancellationToken cancellationToken) => Task.FromResult(Answer);

        public IAsyncEnumerable<A2aEvent> SendStreamingAsync(SendMessageRequest request, CancellationToken cancellationToken) => PlayAsync(null, cancellationToken);

        public IAsyncEnumerable<A2aEvent> SubscribeAsync(SubscribeToTaskRequest request, string? lastEventId, CancellationToken cancellationToken)
        {
            Subscriptions.Add(lastEventId);
            return PlayAsync(SubscribeRefusal, cancellationToken);
        }

        public Task<Parley.Gateway.Wire.V1.Task> GetTaskAsync(GetTaskRequest request, CancellationToken cancellationToken) => Task.FromResult(Make(Tasks.Dequeue()));

        public Task<ListTasksResponse> ListTasksAsync(ListTasksRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<Parley.Gateway.Wire.V1.Task> CancelTaskAsync(CancelTaskRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<TaskPushNotificationConfig> CreatePushConfigAsync(TaskPushNotificationConfig config, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<TaskPushNotificationConfig> GetPushConfigAsync(GetTaskPushNotificationConfigRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ListTaskPushNotificationConfigsResponse> ListPushConfigsAsync(ListTaskPushNotificationConfigsRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeletePushConfigAsync(DeleteTaskPushNotificationConfigRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<AgentCard> GetExtendedCardAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        private async IAsyncEnumerable<A2aEvent> PlayAsync(ParleyException? refusal, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var one in refusal is null ? Streams.Dequeue() : [])
            {
                yield return one ?? throw new ParleyException(ErrorCode.AgentUnreachable, "cut");
            }

            if (refusal is not null)
            {
                throw refusal;
            }
        }
    }
}
