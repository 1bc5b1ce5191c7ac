using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.Wire.V1;
using V03 = Parley.Gateway.Wire.V03;

namespace Parley.Gateway.Client.Bindings;

/// <summary>A2A 0.3 over gRPC, which names tasks by paths.</summary>
internal sealed class GrpcV03Client(GrpcCaller caller) : IA2aClient
{
    private const string Service = "/" + A2aMethods.V03Service + "/";

    public A2aEndpoint Endpoint => caller.Endpoint;

    public async Task<SendMessageResponse> SendAsync(SendMessageRequest request, CancellationToken cancellationToken) =>
        Answers.FromV03(await caller.CallAsync<V03.SendMessageRequest, V03.SendMessageResponse>(
            A2aOperation.SendMessage, Service + "SendMessage", RequestTranslation.ToV03(request, new Losses()), cancellationToken, SendWait.Of(caller.Options, request)));

    public IAsyncEnumerable<A2aEvent> SendStreamingAsync(SendMessageRequest request, CancellationToken cancellationToken) =>
        EventsAsync(A2aOperation.SendStreamingMessage, "SendStreamingMessage", RequestTranslation.ToV03(request, new Losses()), cancellationToken);

    public async Task<Wire.V1.Task> GetTaskAsync(GetTaskRequest request, CancellationToken cancellationToken)
    {
        var old = new V03.GetTaskRequest { Name = ResourceName.OfTask(request.Id) };
        if (request.HasHistoryLength)
        {
            old.HistoryLength = request.HistoryLength;
        }

        return Answers.FromV03(await CallAsync<V03.GetTaskRequest, V03.Task>(A2aOperation.GetTask, "GetTask", old, cancellationToken));
    }

    public Task<ListTasksResponse> ListTasksAsync(ListTasksRequest request, CancellationToken cancellationToken) => throw Answers.NoList();

    public async Task<Wire.V1.Task> CancelTaskAsync(CancelTaskRequest request, CancellationToken cancellationToken) =>
        Answers.FromV03(await CallAsync<V03.CancelTaskRequest, V03.Task>(
            A2aOperation.CancelTask, "CancelTask", new V03.CancelTaskRequest { Name = ResourceName.OfTask(request.Id) }, cancellationToken));

    public IAsyncEnumerable<A2aEvent> SubscribeAsync(SubscribeToTaskRequest request, string? lastEventId, CancellationToken cancellationToken) =>
        EventsAsync(A2aOperation.SubscribeToTask, "TaskSubscription", new V03.TaskSubscriptionRequest { Name = ResourceName.OfTask(request.Id) }, cancellationToken);

    public async Task<TaskPushNotificationConfig> CreatePushConfigAsync(TaskPushNotificationConfig config, CancellationToken cancellationToken) =>
        Answers.FromV03(await CallAsync<V03.CreateTaskPushNotificationConfigRequest, V03.TaskPushNotificationConfig>(
            A2aOperation.CreatePushConfig, "CreateTaskPushNotificationConfig", PushRequests.Create(config), cancellationToken));

    public async Task<TaskPushNotificationConfig> GetPushConfigAsync(GetTaskPushNotificationConfigRequest request, CancellationToken cancellationToken) =>
        Answers.FromV03(await CallAsync<V03.GetTaskPushNotificationConfigRequest, V03.TaskPushNotificationConfig>(
            A2aOperation.GetPushConfig, "GetTaskPushNotificationConfig", new() { Name = ResourceName.OfConfig(request.TaskId, request.Id) }, cancellationToken));

    public async Task<ListTaskPushNotificationConfigsResponse> ListPushConfigsAsync(ListTaskPushNotificationConfigsRequest request, CancellationToken cancellationToken) =>
        Answers.FromV03(await CallAsync<V03.ListTaskPushNotificationConfigRequest, V03.ListTaskPushNotificationConfigResponse>(
            A2aOperation.ListPushConfigs,
            "ListTaskPushNotificationConfig",
            new() { Parent = ResourceName.OfTask(request.TaskId), PageSize = request.PageSize, PageToken = request.PageToken },
            cancellationToken));

    public System.Threading.Tasks.Task DeletePushConfigAsync(DeleteTaskPushNotificationConfigRequest request, CancellationToken cancellationToken) =>
        CallAsync<V03.DeleteTaskPushNotificationConfigRequest, Empty>(
            A2aOperation.DeletePushConfig, "DeleteTaskPushNotificationConfig", new() { Name = ResourceName.OfConfig(request.TaskId, request.Id) }, cancellationToken);

    public async Task<AgentCard> GetExtendedCardAsync(CancellationToken cancellationToken) =>
        Answers.FromV03(await CallAsync<V03.GetAgentCardRequest, V03.AgentCard>(A2aOperation.GetExtendedCard, "GetAgentCard", new V03.GetAgentCardRequest(), cancellationToken));

    private Task<TResponse> CallAsync<TRequest, TResponse>(A2aOperation operation, string method, TRequest request, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>, new() => caller.CallAsync<TRequest, TResponse>(operation, Service + method, request, cancellationToken);

    private async IAsyncEnumerable<A2aEvent> EventsAsync<TRequest>(A2aOperation operation, string method, TRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
    {
        await foreach (var response in caller.StreamAsync<TRequest, V03.StreamResponse>(operation, Service + method, request, cancellationToken))
        {
            yield return new A2aEvent(Answers.FromV03(response), null);
        }
    }
}
