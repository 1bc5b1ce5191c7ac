using Parley.Gateway.A2a;
using Parley.Gateway.Client;
using Parley.Gateway.Client.Discovery;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Task = System.Threading.Tasks.Task;

namespace Parley.EndToEndTests.A2aClient;

/// <summary>Our client against the reference server: the same promises in both versions, on each binding.</summary>
public abstract class ReferenceServerSpec : IAsyncLifetime
{
    private readonly A2aVersion _version;
    private ReferenceServer _server = null!;
    private int _messages;

    protected ReferenceServerSpec(A2aVersion version) => _version = version;

    private protected ReferenceServer Server => _server;

    protected static CancellationToken Timeout => TestContext.Current.CancellationToken;

    public static TheoryData<A2aBinding> Bindings => [A2aBinding.JsonRpc, A2aBinding.HttpJson, A2aBinding.Grpc];

    public async ValueTask InitializeAsync() => _server = await ReferenceServer.StartAsync(_version, Timeout);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Bindings))]
    public async Task A_message_is_answered_by_a_message(A2aBinding binding)
    {
        var client = await ClientAsync(binding);

        var answer = await client.SendAsync(Say("hello"), Timeout);

        Assert.Equal("Hello, world!", answer.Message.Parts[0].Text);
        Assert.Equal(Role.Agent, answer.Message.Role);
    }

    [Theory]
    [MemberData(nameof(Bindings))]
    public async Task A_task_is_waited_for_with_all_its_parts_and_read_again(A2aBinding binding)
    {
        var client = await ClientAsync(binding);

        var answer = await client.SendAsync(Say("work"), Timeout);
        var again = await client.GetTaskAsync(new GetTaskRequest { Id = answer.Task.Id, HistoryLength = 5 }, Timeout);

        Assert.Equal(TaskState.Completed, answer.Task.Status.State);
        AssertParts(Assert.Single(answer.Task.Artifacts).Parts, binding);
        Assert.Equal(answer.Task.Id, again.Id);
        Assert.NotEmpty(again.History);
    }

    [Theory]
    [MemberData(nameof(Bindings))]
    public async Task A_stream_brings_each_event_as_it_happens(A2aBinding binding)
    {
        var client = await ClientAsync(binding);

        var events = await client.SendStreamingAsync(Say("work"), Timeout).Select(one => one.Response).ToListAsync(Timeout);

        Assert.Equal(TaskState.Submitted, events[0].Task.Status.State);
        Assert.Equal(TaskState.Working, events[1].StatusUpdate.Status.State);
        Assert.Equal([false, true, true], events[2..5].Select(one => one.ArtifactUpdate.Append));
        AssertParts(events[2..5].SelectMany(one => one.ArtifactUpdate.Artifact.Parts).ToList(), binding);
        Assert.Equal(TaskState.Completed, events[5].StatusUpdate.Status.State);
        Assert.Equal(6, events.Count);
    }

    [Theory]
    [MemberData(nameof(Bindings))]
    public async Task A_task_that_asks_goes_on_with_the_answer(A2aBinding binding)
    {
        var client = await ClientAsync(binding);
        var asked = (await client.SendAsync(Say("ask"), Timeout)).Task;
        var reply = Say("that one");
        (reply.Message.TaskId, reply.Message.ContextId) = (asked.Id, asked.ContextId);

        var done = await client.SendAsync(reply, Timeout);

        Assert.Equal(TaskState.InputRequired, asked.Status.State);
        Assert.Equal("Which one?", asked.Status.Message.Parts[0].Text);
        Assert.Equal((asked.Id, TaskState.Completed), (done.Task.Id, done.Task.Status.State));
    }

    [Theory]
    [MemberData(nameof(Bindings))]
    public async Task A_running_task_is_followed_by_another_and_cancelled(A2aBinding binding)
    {
        var client = await ClientAsync(binding);
        var request = Say("slow");
        request.Configuration = new SendMessageConfiguration { ReturnImmediately = true };
        var task = (await client.SendAsync(request, Timeout)).Task;
        var watching = new TaskFollower(client, TimeProvider.System).WatchAsync(task.Id, Timeout).Select(one => one.Response).GetAsyncEnumerator(Timeout);
        Assert.True(await watching.MoveNextAsync());

        var following = watching.MoveNextAsync();
        var cancelled = await CancelAsync(client, task.Id);
        var last = default(StreamResponse);
        for (var more = await following; more; more = await watching.MoveNextAsync())
        {
            last = watching.Current;
        }

        await watching.DisposeAsync();
        Assert.Equal(TaskState.Canceled, cancelled.Status.State);
        Assert.Equal(TaskState.Canceled, last?.StatusUpdate?.Status.State ?? last?.Task?.Status.State);
    }

    [Theory]
    [MemberData(nameof(Bindings))]
    public async Task What_the_agent_refuses_has_its_code(A2aBinding binding)
    {
        var client = await ClientAsync(binding);
        var done = (await client.SendAsync(Say("work"), Timeout)).Task;

        var unknown = await Assert.ThrowsAsync<ParleyException>(() => client.GetTaskAsync(new GetTaskRequest { Id = "no-such" }, Timeout));
        var ended = await Assert.ThrowsAsync<ParleyException>(() => client.CancelTaskAsync(new CancelTaskRequest { Id = done.Id }, Timeout));

        Assert.Equal(ErrorCode.TaskUnknown, unknown.Code);
        Assert.Equal(ErrorCode.TaskNotCancelable, ended.Code);
    }

    [Theory]
    [MemberData(nameof(Bindings))]
    public async Task What_breaks_in_the_agent_is_told_without_its_escapes(A2aBinding binding)
    {
        var client = await ClientAsync(binding);

        var text = await Record.ExceptionAsync(() => client.SendAsync(Say("break"), Timeout)) is ParleyException refusal ? refusal.Message : string.Empty;

        Assert.DoesNotContain('\u001b', text);
    }

    [Theory]
    [MemberData(nameof(Bindings))]
    public async Task Push_configs_are_made_read_listed_and_deleted(A2aBinding binding)
    {
        var client = await ClientAsync(binding);
        var task = (await client.SendAsync(Say("ask"), Timeout)).Task;

        var made = await client.CreatePushConfigAsync(
            new TaskPushNotificationConfig { TaskId = task.Id, Id = "mine", Url = "http://127.0.0.1:9/hook", Token = "t", Authentication = new AuthenticationInfo { Scheme = "Bearer", Credentials = "c" } }, Timeout);
        var read = await client.GetPushConfigAsync(new GetTaskPushNotificationConfigRequest { TaskId = task.Id, Id = made.Id }, Timeout);
        var listed = await client.ListPushConfigsAsync(new ListTaskPushNotificationConfigsRequest { TaskId = task.Id }, Timeout);
        await client.DeletePushConfigAsync(new DeleteTaskPushNotificationConfigRequest { TaskId = task.Id, Id = made.Id }, Timeout);
        var left = await client.ListPushConfigsAsync(new ListTaskPushNotificationConfigsRequest { TaskId = task.Id }, Timeout);

        Assert.Equal(("mine", task.Id, "http://127.0.0.1:9/hook"), (made.Id, made.TaskId, made.Url));
        Assert.Equal("http://127.0.0.1:9/hook", read.Url);
        Assert.Equal(["mine"], listed.Configs.Select(config => config.Id));
        Assert.Empty(left.Configs);
    }

    [Theory]
    [MemberData(nameof(Bindings))]
    public async Task The_extended_card_is_read(A2aBinding binding)
    {
        var client = await ClientAsync(binding);

        var card = await client.GetExtendedCardAsync(Timeout);

        Assert.EndsWith("reference, extended", card.Name, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_card_names_every_binding()
    {
        var card = await Server.CardAsync(Timeout);

        Assert.Equal(_version, card.Version);
        Assert.Equal([A2aBinding.JsonRpc, A2aBinding.HttpJson, A2aBinding.Grpc], InterfaceChoice.Known(card).Select(one => one.Binding).Distinct());
    }

    private protected Task<IA2aClient> ClientAsync(A2aBinding binding) => Server.ClientAsync(binding, Timeout);

    private protected SendMessageRequest Say(string text) =>
        new() { Message = new Message { MessageId = $"m-{++_messages}", Role = Role.User, Parts = { new Part { Text = text } } } };

    // The agent may not have begun yet when its task is there already.
    private static async Task<Parley.Gateway.Wire.V1.Task> CancelAsync(IA2aClient client, string taskId)
    {
        while (true)
        {
            var task = await client.GetTaskAsync(new GetTaskRequest { Id = taskId }, Timeout);
            if (task.Status.State == TaskState.Working)
            {
                return await client.CancelTaskAsync(new CancelTaskRequest { Id = taskId }, Timeout);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Timeout);
        }
    }

    // That server of 0.3 forgets the names of files everywhere but in JSON-RPC.
    private void AssertParts(IReadOnlyList<Part> parts, A2aBinding binding)
    {
        Assert.Equal("one two three", string.Concat(parts.Where(part => part.ContentCase == Part.ContentOneofCase.Text).Select(part => part.Text)));
        var file = Assert.Single(parts, part => part.ContentCase == Part.ContentOneofCase.Raw);
        Assert.Equal([0, 1, 255], file.Raw.ToByteArray());
        Assert.Equal((_version == A2aVersion.V1 || binding == A2aBinding.JsonRpc ? "a.bin" : string.Empty, "application/octet-stream"), (file.Filename, file.MediaType));
        Assert.Equal(42, Assert.Single(parts, part => part.ContentCase == Part.ContentOneofCase.Data).Data.StructValue.Fields["answer"].NumberValue);
    }
}
