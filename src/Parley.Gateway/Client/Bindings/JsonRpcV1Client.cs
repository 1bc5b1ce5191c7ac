using System.Runtime.CompilerServices;
using Google.Protobuf;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;

namespace Parley.Gateway.Client.Bindings;

/// <summary>A2A 1.0 over JSON-RPC.</summary>
internal sealed class JsonRpcV1Client(JsonRpcCaller caller) : IA2aClient
{
    public A2aEndpoint Endpoint => caller.Endpoint;

    public async Task<SendMessageResponse> SendAsync(SendMessageRequest request, CancellationToken cancellationToken)
    {
        var result = await caller.CallAsync("SendMessage", JsonDialect.V1, Tenants.Fill(Endpoint, request), cancellationToken, SendWait.Of(caller.Options, request));
        return Answers.Checked(Parse<SendMessageResponse>(result));
    }

    public IAsyncEnumerable<A2aEvent> SendStreamingAsync(SendMessageRequest request, CancellationToken cancellationToken) =>
        EventsAsync("SendStreamingMessage", Tenants.Fill(Endpoint, request), null, cancellationToken);

    public async Task<Wire.V1.Task> GetTaskAsync(GetTaskRequest request, CancellationToken cancellationToken) =>
        Answers.Checked(await CallAsync<Wire.V1.Task>("GetTask", Tenants.Fill(Endpoint, request), cancellationToken));

    public Task<ListTasksResponse> ListTasksAsync(ListTasksRequest request, CancellationToken cancellationToken) =>
        CallAsync<ListTasksResponse>("ListTasks", Tenants.Fill(Endpoint, request), cancellationToken);

    public async Task<Wire.V1.Task> CancelTaskAsync(CancelTaskRequest request, CancellationToken cancellationToken) =>
        Answers.Checked(await CallAsync<Wire.V1.Task>("CancelTask", Tenants.Fill(Endpoint, request), cancellationToken));

    public IAsyncEnumerable<A2aEvent> SubscribeAsync(SubscribeToTaskRequest request, string? lastEventId, CancellationToken cancellationToken) =>
        EventsAsync("SubscribeToTask", Tenants.Fill(Endpoint, request), lastEventId, cancellationToken);

    public Task<TaskPushNotificationConfig> CreatePushConfigAsync(TaskPushNotificationConfig config, CancellationToken cancellationToken) =>
        CallAsync<TaskPushNotificationConfig>("CreateTaskPushNotificationConfig", Tenants.Fill(Endpoint, config), cancellationToken);

    public Task<TaskPushNotificationConfig> GetPushConfigAsync(GetTaskPushNotificationConfigRequest request, CancellationToken cancellationToken) =>
        CallAsync<TaskPushNotificationConfig>("GetTaskPushNotificationConfig", Tenants.Fill(Endpoint, request), cancellationToken);

    public Task<ListTaskPushNotificationConfigsResponse> ListPushConfigsAsync(ListTaskPushNotificationConfigsRequest request, CancellationToken cancellationToken) =>
        CallAsync<ListTaskPushNotificationConfigsResponse>("ListTaskPushNotificationConfigs", Tenants.Fill(Endpoint, request), cancellationToken);

    public System.Threading.Tasks.Task DeletePushConfigAsync(DeleteTaskPushNotificationConfigRequest request, CancellationToken cancellationToken) =>
        caller.CallAsync("DeleteTaskPushNotificationConfig", JsonDialect.V1, Tenants.Fill(Endpoint, request), cancellationToken);

    public Task<AgentCard> GetExtendedCardAsync(CancellationToken cancellationToken) =>
        CallAsync<AgentCard>("GetExtendedAgentCard", Tenants.Fill(Endpoint, new GetExtendedAgentCardRequest()), cancellationToken);

    private async Task<T> CallAsync<T>(string method, IMessage request, CancellationToken cancellationToken)
        where T : class, IMessage<T>, new() => Parse<T>(await caller.CallAsync(method, JsonDialect.V1, request, cancellationToken));

    private T Parse<T>(ReadOnlyMemory<byte> result)
        where T : class, IMessage<T>, new() => Failures.Parse<T>(JsonDialect.V1, result, caller.Options.Limits);

    private async IAsyncEnumerable<A2aEvent> EventsAsync(string method, IMessage request, string? lastEventId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (result, id) in caller.StreamAsync(method, JsonDialect.V1, request, lastEventId, cancellationToken))
        {
            yield return new A2aEvent(Parse<StreamResponse>(result), id);
        }
    }
}
