using Google.Protobuf;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.Wire.V1;
using V03 = Parley.Gateway.Wire.V03;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Tests.A2aClient;

/// <summary>Answers of 1.0 as 0.3 has them.</summary>
internal static class OldForm
{
    /// <summary>The message to write; push configs by their path.</summary>
    public static IMessage Of(IMessage answer) => answer switch
    {
        SendMessageResponse send => TaskTranslation.ToV03(send, new Losses()),
        StreamResponse one => TaskTranslation.ToV03(one, new Losses()),
        V1.Task task => TaskTranslation.ToV03(task, new Losses()),
        TaskPushNotificationConfig config => RequestTranslation.ToNamed(config, new Losses()),
        ListTaskPushNotificationConfigsResponse list => new V03.ListTaskPushNotificationConfigResponse { Configs = { list.Configs.Select(config => RequestTranslation.ToNamed(config, new Losses())) } },
        AgentCard card => CardTranslation.ToV03(card, new Losses()),
        _ => answer,
    };
}
