using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Parley.Gateway.A2a.Tasks;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.AgentApi.Tasks.Answers;
using Parley.Hub.AgentApi.Tasks.Stored;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;

namespace Parley.Hub.AgentApi.Tasks;

internal sealed partial class OpenTask
{
    /// <summary>Asks the agent to stop; a task that no agent has in hand is canceled at once.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.TaskNotCancelable"/>.</exception>
    public void Cancel()
    {
        lock (_gate)
        {
            _task.Check(TaskOperation.Cancel);
            if (_calls.Count == 0)
            {
                Append(new StreamResponse { StatusUpdate = _task.Report(TaskState.Canceled, null, _desk.Now) });
            }

            foreach (var run in _calls)
            {
                run.IsCanceled = true;
                run.Call.Cancel();
            }
        }

        Write();
    }

    private void Run(OpenMessage message, AgentCall call)
    {
        var run = new RunningCall(call, new CallAnswer(_task, message.Place, _desk.NewId), message.IsAccepted);
        _calls.Add(run);
        _leases++;
        _desk.CountOpen(Owner, 1);
        _desk.Track(FollowAsync(run));
    }

    private async System.Threading.Tasks.Task FollowAsync(RunningCall run)
    {
        try
        {
            var isEnded = false;
            while (!isEnded)
            {
                if (!await IsHeardAsync(run))
                {
                    GiveUp(run);
                    break;
                }

                var events = new List<AgentCallEvent>();
                while (run.Call.Events.TryRead(out var one))
                {
                    events.Add(one);
                }

                isEnded = Apply(run, events);
                Write();
                await CommittedAsync();
            }

            run.Call.Abandon();
        }
        catch (OperationCanceledException)
        {
            // The hub stops. The reply stays where it is, and is asked for again after the restart.
            run.Call.Dispose();
        }
        catch (Exception exception)
        {
            // The store lost the task, or we have a defect: nobody can be told of the answer.
            LogLost(_desk.Logger, exception);
            run.Call.Abandon();
        }
        finally
        {
            _desk.CountOpen(Owner, -1);
            Release();
        }
    }

    // What waits in a mailbox ends there.
    private ValueTask<bool> IsHeardAsync(RunningCall run) =>
        run.Call.IsHeardAsync(run.Answer.IsHeld ? Timeout.InfiniteTimeSpan : _desk.Options.Silence, _desk.Time, _desk.Stopping);

    private void GiveUp(RunningCall run)
    {
        lock (_gate)
        {
            if (!_calls.Contains(run))
            {
                return;
            }

            Fail(run, new ParleyException(ErrorCode.ResponderInterrupted, $"The agent was not heard of for {DurationText.Format(_desk.Options.Silence)}."));
            EndAll(run);
        }

        Write();
    }

    // True at the end of the call.
    private bool Apply(RunningCall run, List<AgentCallEvent> events)
    {
        lock (_gate)
        {
            if (!_calls.Contains(run))
            {
                // The task ended by another word.
                return true;
            }

            TakeAnswer(run, events);
            if (run.IsCanceled && !_task.IsEnded && events.Exists(one => one is AgentCallEvent.Held or AgentCallEvent.Delivered))
            {
                // The message overtook the first cancel.
                run.Call.Cancel();
            }

            if (run.Answer.IsAccepted && !run.IsAccepted)
            {
                run.IsAccepted = true;
                _changes++;
                _unwritten.Accepted.Add(run.Answer.Place);
            }

            var isEnded = _task.IsEnded || events[^1] is AgentCallEvent.Replied or AgentCallEvent.Ended;
            if (_task.IsEnded)
            {
                EndAll(run);
            }
            else if (isEnded)
            {
                End(run);
            }

            return isEnded;
        }
    }

    private void TakeAnswer(RunningCall run, List<AgentCallEvent> events)
    {
        try
        {
            Append(run.Answer.Take(events, decides: _calls.Count == 1, _desk.Now, _desk.Options.MaxBytes - _bytes));
            if (_bytes > _desk.Options.MaxBytes || _number > _desk.Options.MaxEvents)
            {
                Fail(run, CallAnswer.TooLarge());
            }
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.MessageTooLarge)
        {
            Append(run.Answer.Told);
            Fail(run, exception);
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.AgentAnswerInvalid)
        {
            Append(run.Answer.Told);
            LogInvalid(_desk.Logger, Agent.ToString(), exception.Message);
            Fail(run, exception);
        }
    }

    private void Append(IReadOnlyList<StreamResponse> told)
    {
        foreach (var one in told)
        {
            Append(one);
        }
    }

    private void Fail(RunningCall run, ParleyException failure)
    {
        run.Call.Cancel();
        if (_task.IsEnded)
        {
            return;
        }

        var message = new Message { MessageId = _desk.NewId(), Role = Role.Agent, Parts = { new Part { Text = failure.Message } } };
        var metadata = new Struct { Fields = { [AgentReply.ErrorCodeName] = Value.ForString(failure.Row.WireName) } };
        Append(new StreamResponse { StatusUpdate = _task.Report(TaskState.Failed, message, _desk.Now, metadata) });
    }

    // Nothing follows: other messages of the task need no answer either.
    private void EndAll(RunningCall last)
    {
        foreach (var run in _calls.ToList())
        {
            End(run);
            if (run != last)
            {
                run.Call.Cancel();
                run.Call.Dispose();
            }
        }
    }

    private void End(RunningCall run)
    {
        _calls.Remove(run);
        _changes++;
        _unwritten.Answered.Add(run.Answer.Place);
        _unwritten.HasNewState |= _calls.Count == 0;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Agent} broke the rules of tasks: {Reason}")]
    private static partial void LogInvalid(ILogger logger, string agent, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A task cannot go on")]
    private static partial void LogLost(ILogger logger, Exception exception);

    /// <summary>One message that an agent has in hand.</summary>
    private sealed class RunningCall(AgentCall call, CallAnswer answer, bool isAccepted)
    {
        /// <summary>The way to the agent and back.</summary>
        public AgentCall Call => call;

        /// <summary>What the answer makes of the task.</summary>
        public CallAnswer Answer => answer;

        /// <summary>The store knows that the agent or its mailbox has it.</summary>
        public bool IsAccepted { get; set; } = isAccepted;

        /// <summary>The caller wants it to stop.</summary>
        public bool IsCanceled { get; set; }
    }
}
