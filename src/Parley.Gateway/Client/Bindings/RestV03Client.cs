using System.Runtime.CompilerServices;
using Google.Protobuf;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using V03 = Parley.Gateway.Wire.V03;

namespace Parley.Gateway.Client.Bindings;

/// <summary>A2A 0.3 over REST: below /v1, ProtoJSON of its own messages.</summary>
internal sealed class RestV03Client(RestCaller caller) : IA2aClient
{
    public A2aEndpoint Endpoint => caller.Endpoint;

    public async Task<SendMessageResponse> SendAsync(SendMessageRequest request, CancellationToken cancellationToken)
    {
        var body = Bytes(RequestTranslation.ToV03(request, new Losses()));
        return Answers.FromV03(Parse<V03.SendMessageResponse>(
            await caller.CallAsync(A2aOperation.SendMessage, HttpMethod.Post, "/v1/message:send", body, cancellationToken, SendWait.Of(caller.Options, request))));
    }

    public IAsyncEnumerable<A2aEvent> SendStreamingAsync(SendMessageRequest request, CancellationToken cancellationToken)
    {
        var body = Bytes(RequestTranslation.ToV03(request, new Losses()));
        return EventsAsync(caller.StreamAsync(A2aOperation.SendStreamingMessage, HttpMethod.Post, "/v1/message:stream", body, null, cancellationToken), cancellationToken);
    }

    public async Task<Wire.V1.Task> GetTaskAsync(GetTaskRequest request, CancellationToken cancellationToken) =>
        Answers.FromV03(await GetAsync<V03.Task>(A2aOperation.GetTask, Task(request.Id) + RestCaller.Query(JsonDialect.V1, request, "id", "tenant"), cancellationToken));

    public Task<ListTasksResponse> ListTasksAsync(ListTasksRequest request, CancellationToken cancellationToken) => throw Answers.NoList();

    public async Task<Wire.V1.Task> CancelTaskAsync(CancelTaskRequest request, CancellationToken cancellationToken)
    {
        var body = Bytes(new V03.CancelTaskRequest { Name = ResourceName.OfTask(request.Id) });
        return Answers.FromV03(Parse<V03.Task>(await caller.CallAsync(A2aOperation.CancelTask, HttpMethod.Post, Task(request.Id) + ":cancel", body, cancellationToken)));
    }

    public IAsyncEnumerable<A2aEvent> SubscribeAsync(SubscribeToTaskRequest request, string? lastEventId, CancellationToken cancellationToken) =>
        EventsAsync(caller.SubscribeAsync(HttpMethod.Post, HttpMethod.Get, Task(request.Id) + ":subscribe", lastEventId, cancellationToken), cancellationToken);

    public async Task<TaskPushNotificationConfig> CreatePushConfigAsync(TaskPushNotificationConfig config, CancellationToken cancellationToken)
    {
        var body = Bytes(PushRequests.Create(config));
        return Answers.FromV03(Parse<V03.TaskPushNotificationConfig>(
            await caller.CallAsync(A2aOperation.CreatePushConfig, HttpMethod.Post, Task(config.TaskId) + "/pushNotificationConfigs", body, cancellationToken)));
    }

    public async Task<TaskPushNotificationConfig> GetPushConfigAsync(GetTaskPushNotificationConfigRequest request, CancellationToken cancellationToken) =>
        Answers.FromV03(await GetAsync<V03.TaskPushNotificationConfig>(A2aOperation.GetPushConfig, Config(request.TaskId, request.Id), cancellationToken));

    public async Task<ListTaskPushNotificationConfigsResponse> ListPushConfigsAsync(ListTaskPushNotificationConfigsRequest request, CancellationToken cancellationToken)
    {
        var path = Task(request.TaskId) + "/pushNotificationConfigs" + RestCaller.Query(JsonDialect.V1, request, "taskId", "tenant");
        return Answers.FromV03(await GetAsync<V03.ListTaskPushNotificationConfigResponse>(A2aOperation.ListPushConfigs, path, cancellationToken));
    }

    public System.Threading.Tasks.Task DeletePushConfigAsync(DeleteTaskPushNotificationConfigRequest request, CancellationToken cancellationToken) =>
        caller.CallAsync(A2aOperation.DeletePushConfig, HttpMethod.Delete, Config(request.TaskId, request.Id), null, cancellationToken);

    public async Task<AgentCard> GetExtendedCardAsync(CancellationToken cancellationToken) =>
        Answers.FromV03(await GetAsync<V03.AgentCard>(A2aOperation.GetExtendedCard, "/v1/card", cancellationToken));

    private static string Task(string id) => "/v1/tasks/" + Uri.EscapeDataString(id);

    private static string Config(string taskId, string id) => $"{Task(taskId)}/pushNotificationConfigs/{Uri.EscapeDataString(id)}";

    private static ReadOnlyMemory<byte> Bytes(IMessage request) => JsonDialect.V03.ToBytes(request);

    private async Task<T> GetAsync<T>(A2aOperation operation, string path, CancellationToken cancellationToken)
        where T : class, IMessage<T>, new() => Parse<T>(await caller.CallAsync(operation, HttpMethod.Get, path, null, cancellationToken));

    private T Parse<T>(ReadOnlyMemory<byte> body)
        where T : class, IMessage<T>, new() => Failures.Parse<T>(Answers.DialectOf(body, caller.Options.Limits), body, caller.Options.Limits);

    private async IAsyncEnumerable<A2aEvent> EventsAsync(IAsyncEnumerable<(ReadOnlyMemory<byte> Data, string? Id)> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (data, id) in events.WithCancellation(cancellationToken))
        {
            yield return new A2aEvent(Answers.FromV03(Parse<V03.StreamResponse>(data)), id);
        }
    }
}
