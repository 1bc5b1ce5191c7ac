using Parley.Hub.Identity;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Hub.AgentApi.Calls;

/// <summary>A message that the hub sends for a caller.</summary>
/// <param name="Sender">Who the agent is told it comes from: <see cref="CallerAddresses.Of"/>.</param>
/// <param name="Target">The agent.</param>
/// <param name="Id">The envelope's id. The same id to the same agent is handled once, also across restarts of hub and listener.</param>
/// <param name="Body">What the agent reads; text in content, so that the simplest responder can answer.</param>
internal sealed record AgentCallRequest(AgentAddress Sender, AgentAddress Target, string Id, Message Body)
{
    /// <summary>The conversation: an A2A context, a thread of OpenAI.</summary>
    public string Thread { get; init; } = string.Empty;

    /// <summary>How the agent is to take it. A door that carries other people's text never says command.</summary>
    public MessageType Type { get; init; } = MessageType.Text;

    /// <summary>End at once when the agent has no listener, instead of waiting in its mailbox.</summary>
    public bool OnlineOnly { get; init; }

    /// <summary>How long it may wait in the mailbox; null for the hub's default.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>How long the chain is that the message follows from; heeded for the hub's own address alone.</summary>
    public int Hops { get; init; }

    /// <summary>The call was made before a restart and may be on its way already: the hub looks into its store first.</summary>
    public bool MayBeRepeated { get; init; }
}
