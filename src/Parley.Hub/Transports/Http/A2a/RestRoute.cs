using Parley.Gateway.A2a;

namespace Parley.Hub.Transports.Http.A2a;

/// <summary>One route of REST.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">Below the agent's address, or the hub's.</param>
/// <param name="Operation">What it does.</param>
/// <param name="Version">Of which version it is.</param>
internal sealed record RestRoute(string Method, string Path, A2aOperation Operation, A2aVersion Version = A2aVersion.V1)
{
    private const string TaskValue = "task";
    private const string ConfigValue = "config";

    /// <summary>REST of 1.0.</summary>
    public static IReadOnlyList<RestRoute> All { get; } =
    [
        new("POST", "message:send", A2aOperation.SendMessage),
        new("POST", "message:stream", A2aOperation.SendStreamingMessage),
        new("GET", "tasks", A2aOperation.ListTasks),
        new("GET", "tasks/{task}", A2aOperation.GetTask),
        new("POST", "tasks/{task}:cancel", A2aOperation.CancelTask),
        new("GET", "tasks/{task}:subscribe", A2aOperation.SubscribeToTask),
        new("POST", "tasks/{task}:subscribe", A2aOperation.SubscribeToTask),
        new("POST", "tasks/{task}/pushNotificationConfigs", A2aOperation.CreatePushConfig),
        new("GET", "tasks/{task}/pushNotificationConfigs", A2aOperation.ListPushConfigs),
        new("GET", "tasks/{task}/pushNotificationConfigs/{config}", A2aOperation.GetPushConfig),
        new("DELETE", "tasks/{task}/pushNotificationConfigs/{config}", A2aOperation.DeletePushConfig),
        new("GET", "extendedAgentCard", A2aOperation.GetExtendedCard),
    ];

    /// <summary>REST of 0.3: the same below <c>v1</c>, and another name for the card.</summary>
    public static IReadOnlyList<RestRoute> Old { get; } =
        [.. All.Select(route => route with { Path = route.Operation == A2aOperation.GetExtendedCard ? "v1/card" : "v1/" + route.Path, Version = A2aVersion.V03 })];

    /// <summary>Whether the answer is a stream.</summary>
    public bool IsStream => Operation is A2aOperation.SendStreamingMessage or A2aOperation.SubscribeToTask;

    /// <summary>Whether there may be a body.</summary>
    public bool TakesBody => Method == "POST";

    /// <summary>Whether there must be one.</summary>
    public bool NeedsBody => Operation is A2aOperation.SendMessage or A2aOperation.SendStreamingMessage or A2aOperation.CreatePushConfig;

    /// <summary>Values of the path, and the fields of the request that they are.</summary>
    public IEnumerable<(string Value, string Field)> Fields => Operation switch
    {
        A2aOperation.GetTask or A2aOperation.CancelTask or A2aOperation.SubscribeToTask => [(TaskValue, "id")],
        A2aOperation.CreatePushConfig or A2aOperation.ListPushConfigs => [(TaskValue, "task_id")],
        A2aOperation.GetPushConfig or A2aOperation.DeletePushConfig => [(TaskValue, "task_id"), (ConfigValue, "id")],
        _ => [],
    };
}
