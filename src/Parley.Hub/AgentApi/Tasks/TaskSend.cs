using Parley.Gateway.Wire.V1;
using Parley.Protocol.Identity;

namespace Parley.Hub.AgentApi.Tasks;

/// <summary>A message that a caller sends, checked.</summary>
/// <param name="Key">What makes it the same as another.</param>
/// <param name="Hash">What it says.</param>
/// <param name="Agent">To whom.</param>
/// <param name="Sender">Who the agent is told it comes from.</param>
/// <param name="Request">As it came.</param>
/// <param name="Call">By whom, through which door.</param>
/// <param name="MayBeDeferred">Nobody is told anything before the end, so that the store may be asked once for the whole task.</param>
internal sealed record TaskSend(SendKey Key, byte[] Hash, AgentAddress Agent, AgentAddress Sender, SendMessageRequest Request, ApiCall Call, bool MayBeDeferred)
{
    /// <summary>The push config that came with it; null when none did.</summary>
    public TaskPushNotificationConfig? Push => Request.Configuration?.TaskPushNotificationConfig;
}
