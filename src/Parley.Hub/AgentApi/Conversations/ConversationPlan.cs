using Parley.Gateway.OpenAi;
using Parley.Hub.Identity;
using Parley.Protocol.Identity;

namespace Parley.Hub.AgentApi.Conversations;

/// <summary>With whom a request to a model is, and in which thread.</summary>
/// <param name="Caller">Who asks.</param>
/// <param name="Agent">The agent that the model is.</param>
/// <param name="Request">What is asked.</param>
/// <param name="Thread">The thread as the agent knows it; empty for none.</param>
/// <param name="IsCarried">Whether the caller carries the conversation, so that all of it is handed on; else the agent remembers it by the thread.</param>
/// <param name="IsKept">Whether the response can be followed.</param>
internal sealed record ConversationPlan(Principal Caller, AgentAddress Agent, ModelRequest Request, string Thread, bool IsCarried, bool IsKept)
{
    /// <summary>How many turns of the request the agent has heard before, in the thread.</summary>
    public int Heard { get; init; }

    /// <summary>The agent alone: content stays out of logs.</summary>
    public override string ToString() => $"ConversationPlan({Agent})";
}
