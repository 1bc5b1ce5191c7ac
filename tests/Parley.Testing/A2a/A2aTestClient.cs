using Google.Protobuf;
using Parley.Gateway.A2a;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi;
using Parley.Protocol.Errors;

namespace Parley.Testing.A2a;

/// <summary>A client of one binding in one version that takes and gives messages of 1.0, so that one specification runs on all of them.</summary>
internal abstract class A2aTestClient
{
    /// <summary>The version that it speaks.</summary>
    public abstract A2aVersion Version { get; }

    /// <summary>Whether the binding has the operation in this version.</summary>
    public virtual bool Knows(A2aOperation operation) => true;

    /// <summary>Calls an operation that has one answer.</summary>
    /// <exception cref="A2aRefused">The hub refused.</exception>
    public abstract Task<IMessage?> CallAsync(A2aOperation operation, IMessage request, CancellationToken cancellationToken);

    /// <summary>Calls an operation that streams.</summary>
    /// <param name="operation">Send or subscribe.</param>
    /// <param name="request">What to ask.</param>
    /// <param name="after">The last event that was seen, to resume after it.</param>
    /// <param name="cancellationToken">Goes away.</param>
    /// <exception cref="A2aRefused">The hub refused, before or in the stream.</exception>
    public abstract IAsyncEnumerable<TaskEvent> StreamAsync(A2aOperation operation, IMessage request, long? after, CancellationToken cancellationToken);

    /// <summary>Holds a refusal against the row of a code.</summary>
    public abstract void AssertRefused(ErrorCode expected, A2aRefused seen);

    /// <summary>An empty answer of the type that an operation has; null for none.</summary>
    protected static IMessage? AnswerOf(A2aOperation operation) => operation switch
    {
        A2aOperation.SendMessage => new SendMessageResponse(),
        A2aOperation.GetTask or A2aOperation.CancelTask => new Gateway.Wire.V1.Task(),
        A2aOperation.ListTasks => new ListTasksResponse(),
        A2aOperation.CreatePushConfig or A2aOperation.GetPushConfig => new TaskPushNotificationConfig(),
        A2aOperation.ListPushConfigs => new ListTaskPushNotificationConfigsResponse(),
        A2aOperation.GetExtendedCard => new AgentCard(),
        _ => null,
    };
}
