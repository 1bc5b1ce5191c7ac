using System.Collections.Frozen;

namespace Parley.Gateway.A2a;

/// <summary>One operation and its names on JSON-RPC; 1.0's is that of gRPC too.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="V1">Its name in 1.0, null where there is none.</param>
/// <param name="V03">Its name in 0.3, null where there is none.</param>
/// <param name="IsStream">Whether it answers with a stream.</param>
public sealed record A2aMethod(A2aOperation Operation, string? V1, string? V03, bool IsStream = false);

/// <summary>The table of methods.</summary>
public static class A2aMethods
{
    /// <summary>The gRPC service of 1.0.</summary>
    public const string V1Service = "lf.a2a.v1.A2AService";

    /// <summary>The gRPC service of 0.3.</summary>
    public const string V03Service = "a2a.v1.A2AService";

    /// <summary>The seed's only method.</summary>
    public const string Seed = "message";

    // The plural is the specification's; several servers and clients write the singular.
    private const string SingularList = "ListTaskPushNotificationConfig";

    /// <summary>All operations of A2A.</summary>
    public static IReadOnlyList<A2aMethod> All { get; } =
    [
        new(A2aOperation.SendMessage, "SendMessage", "message/send"),
        new(A2aOperation.SendStreamingMessage, "SendStreamingMessage", "message/stream", IsStream: true),
        new(A2aOperation.GetTask, "GetTask", "tasks/get"),
        new(A2aOperation.ListTasks, "ListTasks", "tasks/list"),
        new(A2aOperation.CancelTask, "CancelTask", "tasks/cancel"),
        new(A2aOperation.SubscribeToTask, "SubscribeToTask", "tasks/resubscribe", IsStream: true),
        new(A2aOperation.CreatePushConfig, "CreateTaskPushNotificationConfig", "tasks/pushNotificationConfig/set"),
        new(A2aOperation.GetPushConfig, "GetTaskPushNotificationConfig", "tasks/pushNotificationConfig/get"),
        new(A2aOperation.ListPushConfigs, "ListTaskPushNotificationConfigs", "tasks/pushNotificationConfig/list"),
        new(A2aOperation.DeletePushConfig, "DeleteTaskPushNotificationConfig", "tasks/pushNotificationConfig/delete"),
        new(A2aOperation.GetExtendedCard, "GetExtendedAgentCard", "agent/getAuthenticatedExtendedCard"),
    ];

    private static readonly FrozenDictionary<string, A2aOperation> _v1 = All.Select(method => (method.V1!, method.Operation)).Append((SingularList, A2aOperation.ListPushConfigs))
        .ToFrozenDictionary(pair => pair.Item1, pair => pair.Item2);

    private static readonly FrozenDictionary<string, A2aOperation> _v03 = All.ToFrozenDictionary(method => method.V03!, method => method.Operation);

    private static readonly FrozenDictionary<string, A2aOperation> _v03Grpc = new Dictionary<string, A2aOperation>
    {
        ["SendMessage"] = A2aOperation.SendMessage,
        ["SendStreamingMessage"] = A2aOperation.SendStreamingMessage,
        ["GetTask"] = A2aOperation.GetTask,
        ["CancelTask"] = A2aOperation.CancelTask,
        ["TaskSubscription"] = A2aOperation.SubscribeToTask,
        ["CreateTaskPushNotificationConfig"] = A2aOperation.CreatePushConfig,
        ["GetTaskPushNotificationConfig"] = A2aOperation.GetPushConfig,
        ["ListTaskPushNotificationConfig"] = A2aOperation.ListPushConfigs,
        ["DeleteTaskPushNotificationConfig"] = A2aOperation.DeletePushConfig,
        ["GetAgentCard"] = A2aOperation.GetExtendedCard,
    }.ToFrozenDictionary();

    /// <summary>The operation that a method of JSON-RPC names in a version; null for an unknown one.</summary>
    public static A2aOperation? Find(A2aVersion version, string method) => version switch
    {
        A2aVersion.V1 => Found(_v1, method),
        A2aVersion.V03 => Found(_v03, method),
        _ => method == Seed ? A2aOperation.SeedMessage : null,
    };

    /// <summary>The operation that a method of gRPC names; null for an unknown one.</summary>
    public static A2aOperation? FindGrpc(A2aVersion version, string method) => version switch
    {
        A2aVersion.V1 => Found(_v1, method),
        A2aVersion.V03 => Found(_v03Grpc, method),
        _ => null,
    };

    private static A2aOperation? Found(FrozenDictionary<string, A2aOperation> table, string method) => table.TryGetValue(method, out var operation) ? operation : null;
}
