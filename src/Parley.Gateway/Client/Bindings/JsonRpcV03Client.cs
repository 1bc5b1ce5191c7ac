using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using V03 = Parley.Gateway.Wire.V03;

namespace Parley.Gateway.Client.Bindings;

/// <summary>A2A 0.3 over JSON-RPC, in its form with "kind". Requests that name a task by its id are 1.0's in that form.</summary>
internal sealed class JsonRpcV03Client(JsonRpcCaller caller) : IA2aClient
{
    public A2aEndpoint Endpoint => caller.Endpoint;

    public async Task<SendMessageResponse> SendAsync(SendMessageRequest request, CancellationToken cancellationToken)
    {
        var old = RequestTranslation.ToV03(request, new Losses());
        var result = await caller.CallAsync("message/send", JsonDialect.Kind, old, cancellationToken, SendWait.Of(caller.Options, request));
        return Answers.FromV03(Parse<V03.SendMessageResponse>(result));
    }

    public IAsyncEnumerable<A2aEvent> SendStreamingAsync(SendMessageRequest request, CancellationToken cancellationToken) =>
        EventsAsync("message/stream", RequestTranslation.ToV03(request, new Losses()), null, cancellationToken);

    public async Task<Wire.V1.Task> GetTaskAsync(GetTaskRequest request, CancellationToken cancellationToken) =>
        Answers.FromV03(await CallAsync<V03.Task>("tasks/get", request, cancellationToken));

    public Task<ListTasksResponse> ListTasksAsync(ListTasksRequest request, CancellationToken cancellationToken) => throw Answers.NoList();

    public async Task<Wire.V1.Task> CancelTaskAsync(CancelTaskRequest request, CancellationToken cancellationToken) =>
        Answers.FromV03(await CallAsync<V03.Task>("tasks/cancel", request, cancellationToken));

    public IAsyncEnumerable<A2aEvent> SubscribeAsync(SubscribeToTaskRequest request, string? lastEventId, CancellationToken cancellationToken) =>
        EventsAsync("tasks/resubscribe", request, lastEventId, cancellationToken);

    public async Task<TaskPushNotificationConfig> CreatePushConfigAsync(TaskPushNotificationConfig config, CancellationToken cancellationToken) =>
        Answers.FromV03(await CallAsync<V03.TaskPushNotificationConfigParams>("tasks/pushNotificationConfig/set", RequestTranslation.ToParams(config, new Losses()), cancellationToken));

    public async Task<TaskPushNotificationConfig> GetPushConfigAsync(GetTaskPushNotificationConfigRequest request, CancellationToken cancellationToken) =>
        Answers.FromV03(await CallAsync<V03.TaskPushNotificationConfigParams>("tasks/pushNotificationConfig/get", request, cancellationToken));

    public async Task<ListTaskPushNotificationConfigsResponse> ListPushConfigsAsync(ListTaskPushNotificationConfigsRequest request, CancellationToken cancellationToken)
    {
        var result = await caller.CallAsync("tasks/pushNotificationConfig/list", JsonDialect.Kind, request, cancellationToken);
        using var document = Failures.Document(result, caller.Options.Limits);
        if (document.RootElement.ValueKind != System.Text.Json.JsonValueKind.Array)
        {
            throw Failures.Empty("list of push configs");
        }

        var configs = document.RootElement.EnumerateArray().Select(item => Answers.FromV03(Parse<V03.TaskPushNotificationConfigParams>(JsonMarshal.GetRawUtf8Value(item).ToArray())));
        return new ListTaskPushNotificationConfigsResponse { Configs = { configs } };
    }

    public System.Threading.Tasks.Task DeletePushConfigAsync(DeleteTaskPushNotificationConfigRequest request, CancellationToken cancellationToken) =>
        caller.CallAsync("tasks/pushNotificationConfig/delete", JsonDialect.Kind, request, cancellationToken);

    public async Task<AgentCard> GetExtendedCardAsync(CancellationToken cancellationToken) =>
        Answers.FromV03(Parse<V03.AgentCard>(await caller.CallAsync("agent/getAuthenticatedExtendedCard", JsonDialect.Kind, null, cancellationToken)));

    private async Task<T> CallAsync<T>(string method, IMessage request, CancellationToken cancellationToken)
        where T : class, IMessage<T>, new() => Parse<T>(await caller.CallAsync(method, JsonDialect.Kind, request, cancellationToken));

    private T Parse<T>(ReadOnlyMemory<byte> result)
        where T : class, IMessage<T>, new() => Failures.Parse<T>(JsonDialect.Kind, result, caller.Options.Limits);

    private async IAsyncEnumerable<A2aEvent> EventsAsync(string method, IMessage request, string? lastEventId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (result, id) in caller.StreamAsync(method, JsonDialect.Kind, request, lastEventId, cancellationToken))
        {
            yield return new A2aEvent(Answers.FromV03(Parse<V03.StreamResponse>(result)), id);
        }
    }
}
