using Parley.Gateway.OpenAi;
using Parley.Hub.AgentApi.Calls;
using Parley.Protocol.Errors;

namespace Parley.Hub.AgentApi.Conversations;

/// <summary>One request to a model on its way to an agent, and what comes back. For one reader.</summary>
/// <remarks>Disposing it before the end tells the agent to stop: nobody would read the answer.</remarks>
internal sealed class Conversation : IDisposable
{
    private readonly AgentCall _call;
    private readonly TimeSpan _offlineWait;
    private readonly CancellationTokenSource _deadline;
    private Task<bool>? _waiting;
    private bool _isOver;

    /// <summary>Follows a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="plan">What it is part of.</param>
    /// <param name="startedAt">When it began.</param>
    /// <param name="options">How long it may take.</param>
    /// <param name="time">The clock.</param>
    public Conversation(AgentCall call, ConversationPlan plan, DateTimeOffset startedAt, ConversationOptions options, TimeProvider time)
    {
        (_call, Plan, StartedAt, _offlineWait) = (call, plan, startedAt, options.OfflineWait);
        _deadline = new CancellationTokenSource(options.AnswerTimeout, time);
    }

    /// <summary>The call's id, from which answers make theirs.</summary>
    public string Id => _call.Id;

    /// <summary>What the call is part of.</summary>
    public ConversationPlan Plan { get; }

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>Whether the agent has the message: from then on it may have begun.</summary>
    public bool IsDelivered { get; private set; }

    /// <summary>Waits until there is something to read.</summary>
    /// <param name="patience">How long at most.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">The caller goes away.</param>
    /// <returns>False when nothing came.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.DeadlineExceeded"/>: the answer takes too long.</exception>
    public async Task<bool> WaitAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        _waiting ??= _call.Events.WaitToReadAsync(_deadline.Token).AsTask();
        try
        {
            var hasMore = await _waiting.WaitAsync(patience, time, cancellationToken);
            _waiting = null;
            return hasMore ? true : throw new ParleyException(ErrorCode.ResponderInterrupted, "The agent's answer broke off.");
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (OperationCanceledException) when (_deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.DeadlineExceeded, "The agent's answer takes longer than this hub waits.");
        }
    }

    /// <summary>Reads what is there.</summary>
    /// <param name="text">The next characters of the answer; null when the answer is over.</param>
    /// <param name="answer">The whole answer, once it is over.</param>
    /// <returns>False when there is nothing to tell yet.</returns>
    /// <exception cref="ParleyException">There will be no answer.</exception>
    public bool TryRead(out string? text, out ModelAnswer? answer)
    {
        (text, answer) = (null, null);
        while (_call.Events.TryRead(out var callEvent))
        {
            switch (callEvent)
            {
                case AgentCallEvent.Delta delta:
                    IsDelivered = true;
                    text = delta.Text;
                    return true;
                case AgentCallEvent.Delivered or AgentCallEvent.Read or AgentCallEvent.Working or AgentCallEvent.Note or AgentCallEvent.Update:
                    IsDelivered = true;
                    break;
                case AgentCallEvent.Held { AwaitsContact: true }:
                    throw new ParleyException(ErrorCode.ContactPending, "The agent's owner has not accepted messages of this key's owner yet.");
                case AgentCallEvent.Replied replied:
                    (_isOver, IsDelivered) = (true, true);
                    answer = AnswerRules.Read(replied.Reply);
                    return true;
                case AgentCallEvent.Ended ended:
                    _isOver = true;
                    throw WhyEnded(ended);
                default:
                    // Progress says nothing that belongs to the answer.
                    break;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isOver)
        {
            _call.Cancel();
        }

        _call.Abandon();
        _deadline.Dispose();
    }

    private ParleyException WhyEnded(AgentCallEvent.Ended ended)
    {
        var refusal = AnswerRules.Refusal(ended);
        return refusal.Code == ErrorCode.MessageExpired && !IsDelivered
            ? AnswerRules.Offline($"{Plan.Agent} was offline, and did not come back within {_offlineWait.TotalSeconds:0} seconds.")
            : refusal;
    }
}
