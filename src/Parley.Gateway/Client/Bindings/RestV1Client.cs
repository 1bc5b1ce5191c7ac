using System.Runtime.CompilerServices;
using Google.Protobuf;
using Parley.Gateway.A2a;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;

namespace Parley.Gateway.Client.Bindings;

/// <summary>A2A 1.0 over REST. A tenant stands in the path and in the request, as other clients write it.</summary>
internal sealed class RestV1Client(RestCaller caller) : IA2aClient
{
    public A2aEndpoint Endpoint => caller.Endpoint;

    public async Task<SendMessageResponse> SendAsync(SendMessageRequest request, CancellationToken cancellationToken)
    {
        var full = Tenants.Fill(Endpoint, request);
        var body = await caller.CallAsync(
            A2aOperation.SendMessage, HttpMethod.Post, Path(full, "/message:send"), JsonDialect.V1.ToBytes(full), cancellationToken, SendWait.Of(caller.Options, request));
        return Answers.Checked(Parse<SendMessageResponse>(body));
    }

    public IAsyncEnumerable<A2aEvent> SendStreamingAsync(SendMessageRequest request, CancellationToken cancellationToken)
    {
        var full = Tenants.Fill(Endpoint, request);
        return EventsAsync(
            caller.StreamAsync(A2aOperation.SendStreamingMessage, HttpMethod.Post, Path(full, "/message:stream"), JsonDialect.V1.ToBytes(full), null, cancellationToken), cancellationToken);
    }

    public async Task<Wire.V1.Task> GetTaskAsync(GetTaskRequest request, CancellationToken cancellationToken)
    {
        var full = Tenants.Fill(Endpoint, request);
        return Answers.Checked(await GetAsync<Wire.V1.Task>(A2aOperation.GetTask, Path(full, Task(full.Id)) + RestCaller.Query(JsonDialect.V1, full, "id", "tenant"), cancellationToken));
    }

    public Task<ListTasksResponse> ListTasksAsync(ListTasksRequest request, CancellationToken cancellationToken)
    {
        var full = Tenants.Fill(Endpoint, request);
        return GetAsync<ListTasksResponse>(A2aOperation.ListTasks, Path(full, "/tasks") + RestCaller.Query(JsonDialect.V1, full, "tenant"), cancellationToken);
    }

    public async Task<Wire.V1.Task> CancelTaskAsync(CancelTaskRequest request, CancellationToken cancellationToken)
    {
        var full = Tenants.Fill(Endpoint, request);
        var body = await caller.CallAsync(A2aOperation.CancelTask, HttpMethod.Post, Path(full, Task(full.Id) + ":cancel"), JsonDialect.V1.ToBytes(full), cancellationToken);
        return Answers.Checked(Parse<Wire.V1.Task>(body));
    }

    public IAsyncEnumerable<A2aEvent> SubscribeAsync(SubscribeToTaskRequest request, string? lastEventId, CancellationToken cancellationToken)
    {
        var full = Tenants.Fill(Endpoint, request);
        return EventsAsync(caller.SubscribeAsync(HttpMethod.Get, HttpMethod.Post, Path(full, Task(full.Id) + ":subscribe"), lastEventId, cancellationToken), cancellationToken);
    }

    public async Task<TaskPushNotificationConfig> CreatePushConfigAsync(TaskPushNotificationConfig config, CancellationToken cancellationToken)
    {
        var full = Tenants.Fill(Endpoint, config);
        var body = await caller.CallAsync(A2aOperation.CreatePushConfig, HttpMethod.Post, Path(full, Configs(full.TaskId)), JsonDialect.V1.ToBytes(full), cancellationToken);
        return Parse<TaskPushNotificationConfig>(body);
    }

    public Task<TaskPushNotificationConfig> GetPushConfigAsync(GetTaskPushNotificationConfigRequest request, CancellationToken cancellationToken)
    {
        var full = Tenants.Fill(Endpoint, request);
        return GetAsync<TaskPushNotificationConfig>(A2aOperation.GetPushConfig, Path(full, Config(full.TaskId, full.Id)), cancellationToken);
    }

    public Task<ListTaskPushNotificationConfigsResponse> ListPushConfigsAsync(ListTaskPushNotificationConfigsRequest request, CancellationToken cancellationToken)
    {
        var full = Tenants.Fill(Endpoint, request);
        var path = Path(full, Configs(full.TaskId)) + RestCaller.Query(JsonDialect.V1, full, "taskId", "tenant");
        return GetAsync<ListTaskPushNotificationConfigsResponse>(A2aOperation.ListPushConfigs, path, cancellationToken);
    }

    public System.Threading.Tasks.Task DeletePushConfigAsync(DeleteTaskPushNotificationConfigRequest request, CancellationToken cancellationToken)
    {
        var full = Tenants.Fill(Endpoint, request);
        return caller.CallAsync(A2aOperation.DeletePushConfig, HttpMethod.Delete, Path(full, Config(full.TaskId, full.Id)), null, cancellationToken);
    }

    public Task<AgentCard> GetExtendedCardAsync(CancellationToken cancellationToken) =>
        GetAsync<AgentCard>(A2aOperation.GetExtendedCard, Path(Tenants.Fill(Endpoint, new GetExtendedAgentCardRequest()), "/extendedAgentCard"), cancellationToken);

    private static string Path(IMessage request, string path) => Tenants.Of(request) is { Length: > 0 } tenant ? $"/{Uri.EscapeDataString(tenant)}{path}" : path;

    private static string Task(string id) => "/tasks/" + Uri.EscapeDataString(id);

    private static string Configs(string taskId) => Task(taskId) + "/pushNotificationConfigs";

    private static string Config(string taskId, string id) => $"{Configs(taskId)}/{Uri.EscapeDataString(id)}";

    private async Task<T> GetAsync<T>(A2aOperation operation, string path, CancellationToken cancellationToken)
        where T : class, IMessage<T>, new() => Parse<T>(await caller.CallAsync(operation, HttpMethod.Get, path, null, cancellationToken));

    private T Parse<T>(ReadOnlyMemory<byte> body)
        where T : class, IMessage<T>, new() => Failures.Parse<T>(JsonDialect.V1, body, caller.Options.Limits);

    private async IAsyncEnumerable<A2aEvent> EventsAsync(IAsyncEnumerable<(ReadOnlyMemory<byte> Data, string? Id)> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (data, id) in events.WithCancellation(cancellationToken))
        {
            yield return new A2aEvent(Parse<StreamResponse>(data), id);
        }
    }
}
