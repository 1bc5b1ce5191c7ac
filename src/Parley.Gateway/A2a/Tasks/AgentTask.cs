using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Gateway.A2a.Tasks;

/// <summary>One task: what it is now, and what may be done with it. Pure: the clock is an argument, storing is the owner's work.</summary>
/// <remarks>Not for several threads at once. The rules of states stand in <see cref="TaskStates"/>.</remarks>
public sealed class AgentTask
{
    private readonly V1.Task _task;

    /// <summary>A task as it was stored.</summary>
    public AgentTask(V1.Task task)
    {
        _task = task.Clone();
        _task.Status ??= new V1.TaskStatus { State = TaskState.Submitted };
    }

    /// <summary>A new task.</summary>
    /// <param name="id">The server's id of it.</param>
    /// <param name="message">The message that begins it, already in its context.</param>
    /// <param name="now">The time.</param>
    public AgentTask(string id, Message message, DateTimeOffset now)
    {
        _task = new V1.Task { Id = id, ContextId = message.ContextId, Status = new V1.TaskStatus { State = TaskState.Submitted, Timestamp = now.ToTimestamp() } };
        AddToHistory(message);
    }

    /// <summary>The state.</summary>
    public TaskState State => _task.Status.State;

    /// <summary>Nothing follows any more.</summary>
    public bool IsEnded => TaskStates.IsTerminal(State);

    /// <summary>A further message of the caller.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.OperationNotSupported"/> the task has ended; <see cref="ErrorCode.InvalidArgument"/> the message names another context.</exception>
    public void Receive(Message message)
    {
        Check(TaskOperation.Send);
        if (message.ContextId.Length > 0 && message.ContextId != _task.ContextId)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The task belongs to another context.") { Field = "message.contextId" };
        }

        KeepStatusMessage();
        AddToHistory(message);
    }

    /// <summary>Applies a status that the agent reports; the event to tell.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentAnswerInvalid"/> for a state that may not follow.</exception>
    public TaskStatusUpdateEvent Report(TaskState state, Message? message, DateTimeOffset now)
    {
        if (!TaskStates.MayFollow(State, state))
        {
            throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent reports a state that cannot follow the task's own.");
        }

        KeepStatusMessage();
        _task.Status = new V1.TaskStatus { State = state, Timestamp = now.ToTimestamp() };
        if (message is not null)
        {
            _task.Status.Message = Placed(message);
        }

        return new TaskStatusUpdateEvent { TaskId = _task.Id, ContextId = _task.ContextId, Status = _task.Status.Clone() };
    }

    /// <summary>Applies an artifact, or a chunk of one; the event to tell.</summary>
    /// <param name="artifact">Id and parts, and what else is known.</param>
    /// <param name="append">True: the parts go to the end of the artifact with this id, and there must be one.</param>
    /// <param name="isLastChunk">Nothing follows for this artifact.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentAnswerInvalid"/> after the end of the task, or for a chunk of an artifact that never began.</exception>
    public TaskArtifactUpdateEvent Produce(Artifact artifact, bool append, bool isLastChunk)
    {
        if (IsEnded)
        {
            throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent adds to a task that has ended.");
        }

        var known = _task.Artifacts.FirstOrDefault(one => one.ArtifactId == artifact.ArtifactId);
        if (append)
        {
            (known ?? throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent continues an artifact that it never began.")).Parts.Add(artifact.Clone().Parts);
        }
        else if (known is not null)
        {
            _task.Artifacts[_task.Artifacts.IndexOf(known)] = artifact.Clone();
        }
        else
        {
            _task.Artifacts.Add(artifact.Clone());
        }

        return new TaskArtifactUpdateEvent { TaskId = _task.Id, ContextId = _task.ContextId, Artifact = artifact.Clone(), Append = append, LastChunk = isLastChunk };
    }

    /// <summary>Refuses what may not be done with a task in this state.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.TaskNotCancelable"/> or <see cref="ErrorCode.OperationNotSupported"/>.</exception>
    public void Check(TaskOperation operation)
    {
        if (!IsEnded)
        {
            return;
        }

        switch (operation)
        {
            case TaskOperation.Send:
                throw new ParleyException(ErrorCode.OperationNotSupported, "The task has ended: it takes no further message.");
            case TaskOperation.Subscribe:
                throw new ParleyException(ErrorCode.OperationNotSupported, "The task has ended: there is nothing to subscribe to.");
            case TaskOperation.Cancel:
                throw new ParleyException(ErrorCode.TaskNotCancelable, "The task has ended: it cannot be canceled.");
        }
    }

    /// <summary>A copy for a caller.</summary>
    /// <param name="historyLength">Most messages of history, the newest; null for all, 0 for none.</param>
    /// <param name="withArtifacts">False leaves the artifacts out.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> for a negative length.</exception>
    public V1.Task View(int? historyLength, bool withArtifacts)
    {
        if (historyLength < 0)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The length of a history cannot be negative.") { Field = "historyLength" };
        }

        var view = _task.Clone();
        while (view.History.Count > historyLength)
        {
            view.History.RemoveAt(0);
        }

        if (!withArtifacts)
        {
            view.Artifacts.Clear();
        }

        return view;
    }

    // What a status said moves into the history when another takes its place.
    private void KeepStatusMessage()
    {
        if (_task.Status.Message is { } said && !_task.History.Any(message => message.MessageId == said.MessageId))
        {
            _task.History.Add(said);
        }
    }

    private void AddToHistory(Message message) => _task.History.Add(Placed(message));

    private Message Placed(Message message)
    {
        var placed = message.Clone();
        placed.TaskId = _task.Id;
        placed.ContextId = _task.ContextId;
        return placed;
    }
}
