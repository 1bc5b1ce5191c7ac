using Parley.Gateway.A2a.Translation;
using Parley.Gateway.Wire.V1;
using V03 = Parley.Gateway.Wire.V03;

namespace Parley.Gateway.Client.Bindings;

/// <summary>Requests about push configs as 0.3's gRPC and REST take them.</summary>
internal static class PushRequests
{
    /// <summary>The creation of a config; without an id of the caller's the task's is taken, as 0.3 does elsewhere.</summary>
    public static V03.CreateTaskPushNotificationConfigRequest Create(TaskPushNotificationConfig config)
    {
        var named = config.Clone();
        named.Id = config.Id.Length > 0 ? config.Id : config.TaskId;
        return new() { Parent = ResourceName.OfTask(config.TaskId), ConfigId = named.Id, Config = RequestTranslation.ToNamed(named, new Losses()) };
    }
}
