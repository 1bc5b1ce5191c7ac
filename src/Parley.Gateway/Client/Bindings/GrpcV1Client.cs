using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.A2a;
using Parley.Gateway.Wire.V1;

namespace Parley.Gateway.Client.Bindings;

/// <summary>A2A 1.0 over gRPC.</summary>
internal sealed class GrpcV1Client(GrpcCaller caller) : IA2aClient
{
    private const string Service = "/" + A2aMethods.V1Service + "/";

    public A2aEndpoint Endpoint => caller.Endpoint;

    public async Task<SendMessageResponse> SendAsync(SendMessageRequest request, CancellationToken cancellationToken) =>
        Answers.Checked(await caller.CallAsync<SendMessageRequest, SendMessageResponse>(
            A2aOperation.SendMessage, Service + "SendMessage", Tenants.Fill(Endpoint, request), cancellationToken, SendWait.Of(caller.Options, request)));

    public IAsyncEnumerable<A2aEvent> SendStreamingAsync(SendMessageRequest request, CancellationToken cancellationToken) =>
        EventsAsync(A2aOperation.SendStreamingMessage, "SendStreamingMessage", Tenants.Fill(Endpoint, request), cancellationToken);

    public async Task<Wire.V1.Task> GetTaskAsync(GetTaskRequest request, CancellationToken cancellationToken) =>
        Answers.Checked(await CallAsync<GetTaskRequest, Wire.V1.Task>(A2aOperation.GetTask, "GetTask", request, cancellationToken));

    public Task<ListTasksResponse> ListTasksAsync(ListTasksRequest request, CancellationToken cancellationToken) =>
        CallAsync<ListTasksRequest, ListTasksResponse>(A2aOperation.ListTasks, "ListTasks", request, cancellationToken);

    public async Task<Wire.V1.Task> CancelTaskAsync(CancelTaskRequest request, CancellationToken cancellationToken) =>
        Answers.Checked(await CallAsync<CancelTaskRequest, Wire.V1.Task>(A2aOperation.CancelTask, "CancelTask", request, cancellationToken));

    public IAsyncEnumerable<A2aEvent> SubscribeAsync(SubscribeToTaskRequest request, string? lastEventId, CancellationToken cancellationToken) =>
        EventsAsync(A2aOperation.SubscribeToTask, "SubscribeToTask", Tenants.Fill(Endpoint, request), cancellationToken);

    public Task<TaskPushNotificationConfig> CreatePushConfigAsync(TaskPushNotificationConfig config, CancellationToken cancellationToken) =>
        CallAsync<TaskPushNotificationConfig, TaskPushNotificationConfig>(A2aOperation.CreatePushConfig, "CreateTaskPushNotificationConfig", config, cancellationToken);

    public Task<TaskPushNotificationConfig> GetPushConfigAsync(GetTaskPushNotificationConfigRequest request, CancellationToken cancellationToken) =>
        CallAsync<GetTaskPushNotificationConfigRequest, TaskPushNotificationConfig>(A2aOperation.GetPushConfig, "GetTaskPushNotificationConfig", request, cancellationToken);

    public Task<ListTaskPushNotificationConfigsResponse> ListPushConfigsAsync(ListTaskPushNotificationConfigsRequest request, CancellationToken cancellationToken) =>
        CallAsync<ListTaskPushNotificationConfigsRequest, ListTaskPushNotificationConfigsResponse>(A2aOperation.ListPushConfigs, "ListTaskPushNotificationConfigs", request, cancellationToken);

    public System.Threading.Tasks.Task DeletePushConfigAsync(DeleteTaskPushNotificationConfigRequest request, CancellationToken cancellationToken) =>
        CallAsync<DeleteTaskPushNotificationConfigRequest, Empty>(A2aOperation.DeletePushConfig, "DeleteTaskPushNotificationConfig", request, cancellationToken);

    public Task<AgentCard> GetExtendedCardAsync(CancellationToken cancellationToken) =>
        CallAsync<GetExtendedAgentCardRequest, AgentCard>(A2aOperation.GetExtendedCard, "GetExtendedAgentCard", new GetExtendedAgentCardRequest(), cancellationToken);

    private Task<TResponse> CallAsync<TRequest, TResponse>(A2aOperation operation, string method, TRequest request, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>, new() =>
        caller.CallAsync<TRequest, TResponse>(operation, Service + method, Tenants.Fill(Endpoint, request), cancellationToken);

    private async IAsyncEnumerable<A2aEvent> EventsAsync<TRequest>(A2aOperation operation, string method, TRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
    {
        await foreach (var response in caller.StreamAsync<TRequest, StreamResponse>(operation, Service + method, request, cancellationToken))
        {
            yield return new A2aEvent(response, null);
        }
    }
}
