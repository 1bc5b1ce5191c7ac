using Parley.Protocol.Errors;

namespace Parley.Gateway.A2a.Translation;

/// <summary>The paths by which 0.3's gRPC names things: <c>tasks/{task}</c> and <c>tasks/{task}/pushNotificationConfigs/{config}</c>.</summary>
public static class ResourceName
{
    private const string Tasks = "tasks";
    private const string Configs = "pushNotificationConfigs";

    /// <summary>The path of a task.</summary>
    public static string OfTask(string taskId) => $"{Tasks}/{taskId}";

    /// <summary>The path of a push config.</summary>
    public static string OfConfig(string taskId, string configId) => $"{Tasks}/{taskId}/{Configs}/{configId}";

    /// <summary>The task of a path that names one.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> for any other text.</exception>
    public static string ReadTask(string name) =>
        name.Split('/') is [Tasks, { Length: > 0 } task] ? task : throw Refusal("tasks/{task}");

    /// <summary>The task and the push config of a path that names one; the config is empty where the path ends before it.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> for any other text.</exception>
    public static (string Task, string Config) ReadConfig(string name) => name.Split('/') switch
    {
        [Tasks, { Length: > 0 } task, Configs, var config] => (task, config),
        [Tasks, { Length: > 0 } task] => (task, string.Empty),
        [Tasks, { Length: > 0 } task, Configs] => (task, string.Empty),
        _ => throw Refusal("tasks/{task}/pushNotificationConfigs/{config}"),
    };

    private static ParleyException Refusal(string form) => new(ErrorCode.InvalidArgument, $"Expected a name of the form {form}.") { Field = "name" };
}
