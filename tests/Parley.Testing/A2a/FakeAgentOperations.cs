using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Testing.A2a;

/// <summary>Operations that answer as a test says and remember what they were asked: for tests of doors, which translate and decide nothing.</summary>
internal sealed class FakeAgentOperations : IAgentOperations
{
    private readonly ConcurrentQueue<(ApiCall Call, IMessage Request)> _asked = new();

    /// <summary>What every operation answers, by the request's type; null for the empty answer of its type.</summary>
    public Func<IMessage, IMessage?> Answer { get; set; } = _ => null;

    /// <summary>What streams tell.</summary>
    public Func<IMessage, long?, CancellationToken, IAsyncEnumerable<TaskEvent>> Events { get; set; } = (_, _, _) => Nothing();

    /// <summary>Thrown by every operation, when set.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>How many calls there were.</summary>
    public int Count => _asked.Count;

    /// <summary>The last call.</summary>
    public (ApiCall Call, IMessage Request) Last => _asked.Last();

    /// <inheritdoc/>
    public async Task<SendMessageResponse> SendAsync(ApiCall call, SendMessageRequest request, CancellationToken cancellationToken) =>
        await TakeAsync<SendMessageResponse>(call, request, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<TaskEvent> StreamAsync(ApiCall call, SendMessageRequest request, CancellationToken cancellationToken) => TellAsync(call, request, null, cancellationToken);

    /// <inheritdoc/>
    public Task<V1.Task> GetAsync(ApiCall call, GetTaskRequest request, CancellationToken cancellationToken) => TakeAsync<V1.Task>(call, request, cancellationToken);

    /// <inheritdoc/>
    public Task<ListTasksResponse> ListAsync(ApiCall call, ListTasksRequest request, CancellationToken cancellationToken) =>
        TakeAsync<ListTasksResponse>(call, request, cancellationToken);

    /// <inheritdoc/>
    public Task<V1.Task> CancelAsync(ApiCall call, CancelTaskRequest request, CancellationToken cancellationToken) => TakeAsync<V1.Task>(call, request, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<TaskEvent> SubscribeAsync(ApiCall call, SubscribeToTaskRequest request, long? after, CancellationToken cancellationToken) =>
        TellAsync(call, request, after, cancellationToken);

    /// <inheritdoc/>
    public Task<TaskPushNotificationConfig> CreatePushConfigAsync(ApiCall call, TaskPushNotificationConfig config, CancellationToken cancellationToken) =>
        TakeAsync<TaskPushNotificationConfig>(call, config, cancellationToken);

    /// <inheritdoc/>
    public Task<TaskPushNotificationConfig> GetPushConfigAsync(ApiCall call, GetTaskPushNotificationConfigRequest request, CancellationToken cancellationToken) =>
        TakeAsync<TaskPushNotificationConfig>(call, request, cancellationToken);

    /// <inheritdoc/>
    public Task<ListTaskPushNotificationConfigsResponse> ListPushConfigsAsync(ApiCall call, ListTaskPushNotificationConfigsRequest request, CancellationToken cancellationToken) =>
        TakeAsync<ListTaskPushNotificationConfigsResponse>(call, request, cancellationToken);

    /// <inheritdoc/>
    public System.Threading.Tasks.Task DeletePushConfigAsync(ApiCall call, DeleteTaskPushNotificationConfigRequest request, CancellationToken cancellationToken) =>
        TakeAsync<V1.Task>(call, request, cancellationToken);

    /// <inheritdoc/>
    public Task<AgentCard> GetExtendedCardAsync(ApiCall call, GetExtendedAgentCardRequest request, CancellationToken cancellationToken) =>
        TakeAsync<AgentCard>(call, request, cancellationToken);

    private static async IAsyncEnumerable<TaskEvent> Nothing()
    {
        await System.Threading.Tasks.Task.CompletedTask;
        yield break;
    }

    private async Task<T> TakeAsync<T>(ApiCall call, IMessage request, CancellationToken cancellationToken)
        where T : class, IMessage<T>, new()
    {
        _asked.Enqueue((call, request));
        await System.Threading.Tasks.Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        return Refusal is null ? (T?)Answer(request) ?? new T() : throw Refusal;
    }

    private async IAsyncEnumerable<TaskEvent> TellAsync(ApiCall call, IMessage request, long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _asked.Enqueue((call, request));
        await System.Threading.Tasks.Task.Yield();
        if (Refusal is not null)
        {
            throw Refusal;
        }

        await foreach (var one in Events(request, after, cancellationToken).WithCancellation(cancellationToken))
        {
            yield return one;
        }
    }
}
