using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Hub.AgentApi;

/// <summary>The operations of A2A 1.0 on the agents of this hub, for every binding and version. Doors translate; rules are behind this.</summary>
/// <remarks>
/// Agents are named by <c>tenant</c> in each request, as <c>name</c> or <c>owner.name</c>; empty is the hub's default agent, or, where a task is named, the task's own agent.
/// A door whose path names an agent sets it, and refuses a request that names another (InvalidArgument, field <c>tenant</c>).
/// All throw <see cref="ParleyException"/>: <see cref="ErrorCode.AgentUnknown"/> for an agent that the caller may not call, and, where a task is named,
/// <see cref="ErrorCode.TaskUnknown"/> for one that is not there or not the caller's; they are alike on the wire. Before the first event of a stream nothing has been answered, so a refusal can still be.
/// </remarks>
internal interface IAgentOperations
{
    /// <summary>Sends, and waits for a terminal or interrupted state unless the request says otherwise. A caller that goes away ends the wait, never the task.</summary>
    Task<SendMessageResponse> SendAsync(ApiCall call, SendMessageRequest request, CancellationToken cancellationToken);

    /// <summary>Sends, and tells events until the stream of the task closes: first the task, then updates.</summary>
    IAsyncEnumerable<TaskEvent> StreamAsync(ApiCall call, SendMessageRequest request, CancellationToken cancellationToken);

    /// <summary>The task.</summary>
    Task<Gateway.Wire.V1.Task> GetAsync(ApiCall call, GetTaskRequest request, CancellationToken cancellationToken);

    /// <summary>The caller's tasks, newest status first.</summary>
    Task<ListTasksResponse> ListAsync(ApiCall call, ListTasksRequest request, CancellationToken cancellationToken);

    /// <summary>Cancels, and waits a short time for the agent's word; the task as it is then.</summary>
    Task<Gateway.Wire.V1.Task> CancelAsync(ApiCall call, CancelTaskRequest request, CancellationToken cancellationToken);

    /// <summary>The task as it is, then its updates.</summary>
    /// <param name="call">Who asks.</param>
    /// <param name="request">Which task.</param>
    /// <param name="after">The last event that the caller has seen (<c>Last-Event-ID</c>): then the events after it come instead of the snapshot. Null: the snapshot. With it a task that has ended can be subscribed to as well.</param>
    /// <param name="cancellationToken">The caller goes away.</param>
    IAsyncEnumerable<TaskEvent> SubscribeAsync(ApiCall call, SubscribeToTaskRequest request, long? after, CancellationToken cancellationToken);

    /// <summary>Makes or replaces a push config; an id is made when it has none.</summary>
    Task<TaskPushNotificationConfig> CreatePushConfigAsync(ApiCall call, TaskPushNotificationConfig config, CancellationToken cancellationToken);

    /// <summary>A push config; an empty id is the only one.</summary>
    Task<TaskPushNotificationConfig> GetPushConfigAsync(ApiCall call, GetTaskPushNotificationConfigRequest request, CancellationToken cancellationToken);

    /// <summary>The push configs of a task.</summary>
    Task<ListTaskPushNotificationConfigsResponse> ListPushConfigsAsync(ApiCall call, ListTaskPushNotificationConfigsRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes a push config; one that is not there is no error.</summary>
    System.Threading.Tasks.Task DeletePushConfigAsync(ApiCall call, DeleteTaskPushNotificationConfigRequest request, CancellationToken cancellationToken);

    /// <summary>The card with what only callers may see.</summary>
    Task<AgentCard> GetExtendedCardAsync(ApiCall call, GetExtendedAgentCardRequest request, CancellationToken cancellationToken);
}
