using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Client;

/// <summary>One agent somewhere else, spoken to in one binding and version. Requests and answers are 1.0's whatever the version.</summary>
/// <remarks>
/// Every operation refuses with a <see cref="ParleyException"/>: the agent's own error by its code and its text made safe; <see cref="ErrorCode.AgentUnreachable"/>,
/// <see cref="ErrorCode.DeadlineExceeded"/>, <see cref="ErrorCode.AgentAnswerInvalid"/>, <see cref="ErrorCode.MessageTooLarge"/> for the rest.
/// An empty tenant is replaced by the interface's. Safe for many threads.
/// </remarks>
public interface IA2aClient
{
    /// <summary>Where and how.</summary>
    A2aEndpoint Endpoint { get; }

    /// <summary>Sends a message; waits for a terminal or interrupted state unless the configuration says otherwise.</summary>
    Task<SendMessageResponse> SendAsync(SendMessageRequest request, CancellationToken cancellationToken);

    /// <summary>Sends a message and gives what comes of it as it comes. The end of the enumeration is the end of the stream, cut or complete: <see cref="TaskFollower"/> tells.</summary>
    IAsyncEnumerable<A2aEvent> SendStreamingAsync(SendMessageRequest request, CancellationToken cancellationToken);

    /// <summary>Reads a task.</summary>
    Task<Wire.V1.Task> GetTaskAsync(GetTaskRequest request, CancellationToken cancellationToken);

    /// <summary>Lists tasks. Not in 0.3: <see cref="ErrorCode.OperationNotSupported"/>.</summary>
    Task<ListTasksResponse> ListTasksAsync(ListTasksRequest request, CancellationToken cancellationToken);

    /// <summary>Asks for a task to be cancelled.</summary>
    Task<Wire.V1.Task> CancelTaskAsync(CancelTaskRequest request, CancellationToken cancellationToken);

    /// <summary>Follows a task that exists.</summary>
    /// <param name="request">The task.</param>
    /// <param name="lastEventId">The id of the last event that was seen; servers that keep events go on after it. Null for none; gRPC has no place for it.</param>
    /// <param name="cancellationToken">Stops following; the task goes on.</param>
    IAsyncEnumerable<A2aEvent> SubscribeAsync(SubscribeToTaskRequest request, string? lastEventId, CancellationToken cancellationToken);

    /// <summary>Sets where a task's events are pushed.</summary>
    Task<TaskPushNotificationConfig> CreatePushConfigAsync(TaskPushNotificationConfig config, CancellationToken cancellationToken);

    /// <summary>Reads a push config.</summary>
    Task<TaskPushNotificationConfig> GetPushConfigAsync(GetTaskPushNotificationConfigRequest request, CancellationToken cancellationToken);

    /// <summary>Lists the push configs of a task.</summary>
    Task<ListTaskPushNotificationConfigsResponse> ListPushConfigsAsync(ListTaskPushNotificationConfigsRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes a push config.</summary>
    System.Threading.Tasks.Task DeletePushConfigAsync(DeleteTaskPushNotificationConfigRequest request, CancellationToken cancellationToken);

    /// <summary>Reads the card for callers who have proved who they are.</summary>
    Task<AgentCard> GetExtendedCardAsync(CancellationToken cancellationToken);
}
