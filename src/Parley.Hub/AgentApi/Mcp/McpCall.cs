using Parley.Hub.AgentApi.Calls;
using Parley.Hub.AgentApi.Conversations;
using Parley.Protocol.Errors;

namespace Parley.Hub.AgentApi.Mcp;

/// <summary>A message that a session sent, until its answer was handed over.</summary>
internal sealed class McpCall
{
    private readonly AgentCall _call;

    /// <summary>Follows a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="thread">Its conversation.</param>
    /// <param name="changed">Told when there is news.</param>
    public McpCall(AgentCall call, string thread, Action changed)
    {
        (_call, Thread) = (call, thread);
        Over = FollowAsync(changed);
    }

    /// <summary>Its id.</summary>
    public string Id => _call.Id;

    /// <summary>Who was asked.</summary>
    public string Target => _call.Target;

    /// <summary>Its conversation.</summary>
    public string Thread { get; }

    /// <summary>What is known of it, in one word.</summary>
    public string State { get; private set; } = "sent";

    /// <summary>Completes with the answer's text; faulted when there is none.</summary>
    public Task<string> Over { get; }

    /// <summary>Whether a request has the answer in hand.</summary>
    public bool IsTaken { get; set; }

    /// <summary>The answer was handed over, or nobody wants it.</summary>
    public void End() => _call.Abandon();

    private async Task<string> FollowAsync(Action changed)
    {
        // The constructor must be through before anybody is told.
        await Task.Yield();
        try
        {
            await foreach (var callEvent in _call.Events.ReadAllAsync())
            {
                switch (callEvent)
                {
                    case AgentCallEvent.Replied replied:
                        State = "answered";
                        return AnswerRules.Read(replied.Reply).Text;
                    case AgentCallEvent.Ended ended:
                        State = "failed";
                        throw AnswerRules.Refusal(ended);
                    case AgentCallEvent.Held held:
                        State = held.AwaitsContact ? "held until its owner accepts you" : "held";
                        break;
                    case AgentCallEvent.Delivered or AgentCallEvent.Read or AgentCallEvent.Working:
                        State = "at work";
                        break;
                    default:
                        // Text comes whole with the reply.
                        break;
                }

                changed();
            }

            throw new ParleyException(ErrorCode.ResponderInterrupted, "The agent's answer broke off.");
        }
        finally
        {
            // After the task is over, so that whoever wakes sees it.
            _ = Task.Run(changed);
        }
    }
}
