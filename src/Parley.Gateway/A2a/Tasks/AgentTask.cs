using System.Text;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Gateway.A2a.Tasks;

/// <summary>One task: what it is now, and what may be done with it. Pure: the clock is an argument, storing is the owner's work.</summary>
/// <remarks>
/// Not for several threads at once. The rules of states stand in <see cref="TaskStates"/>. Every change is an event, and <see cref="Apply"/> of the same events makes the same task again.
/// Chunks of plain text become one part: an answer that came in ten thousand pieces is one text.
/// </remarks>
public sealed class AgentTask
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StringBuilder> _growing = new(StringComparer.Ordinal);
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private V1.Task _task;

    /// <summary>A task as it was stored.</summary>
    public AgentTask(V1.Task task)
    {
        _task = new V1.Task();
        Restore(task);
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

    /// <summary>When the status was told.</summary>
    public DateTimeOffset StatusAt => _task.Status.Timestamp?.ToDateTimeOffset() ?? DateTimeOffset.UnixEpoch;

    /// <summary>The conversation that it belongs to.</summary>
    public string ContextId => _task.ContextId;

    /// <summary>Nothing follows any more.</summary>
    public bool IsEnded => TaskStates.IsTerminal(State);

    /// <summary>A further message of the caller. A task that waited for its caller works again.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.OperationNotSupported"/> the task has ended; <see cref="ErrorCode.InvalidArgument"/> the message names another context.</exception>
    public void Receive(Message message, DateTimeOffset now)
    {
        Check(TaskOperation.Send);
        if (message.ContextId.Length > 0 && message.ContextId != _task.ContextId)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The task belongs to another context.") { Field = "message.contextId" };
        }

        KeepStatusMessage();
        AddToHistory(message);
        if (TaskStates.IsInterrupted(State))
        {
            _task.Status = new V1.TaskStatus { State = TaskState.Working, Timestamp = now.ToTimestamp() };
        }
    }

    /// <summary>Applies a status that the agent reports; the event to tell.</summary>
    /// <param name="state">The state.</param>
    /// <param name="message">What the agent says beside it.</param>
    /// <param name="now">The time.</param>
    /// <param name="metadata">Goes into the task's metadata.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentAnswerInvalid"/> for a state that may not follow.</exception>
    public TaskStatusUpdateEvent Report(TaskState state, Message? message, DateTimeOffset now, Struct? metadata = null)
    {
        if (!TaskStates.MayFollow(State, state))
        {
            throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent reports a state that cannot follow the task's own.");
        }

        var status = new V1.TaskStatus { State = state, Timestamp = now.ToTimestamp() };
        if (message is not null)
        {
            status.Message = Placed(message);
        }

        return SetStatus(status, metadata);
    }

    /// <summary>Applies an artifact, or a chunk of one; the event to tell, which owns the artifact from now on.</summary>
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

        var isKnown = _places.TryGetValue(artifact.ArtifactId, out var place);
        if (append)
        {
            Append(isKnown ? _task.Artifacts[place] : throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent continues an artifact that it never began."), artifact);
        }
        else if (isKnown)
        {
            _growing.Remove(artifact.ArtifactId);
            _task.Artifacts[place] = artifact.Clone();
        }
        else
        {
            _places[artifact.ArtifactId] = _task.Artifacts.Count;
            _task.Artifacts.Add(artifact.Clone());
        }

        return new TaskArtifactUpdateEvent { TaskId = _task.Id, ContextId = _task.ContextId, Artifact = artifact, Append = append, LastChunk = isLastChunk };
    }

    /// <summary>Applies an event that was told of this task before: the log of a task makes the task.</summary>
    public void Apply(StreamResponse told)
    {
        switch (told.PayloadCase)
        {
            case StreamResponse.PayloadOneofCase.Task:
                Restore(told.Task);
                break;
            case StreamResponse.PayloadOneofCase.StatusUpdate:
                SetStatus(told.StatusUpdate.Status.Clone(), told.StatusUpdate.Metadata);
                break;
            case StreamResponse.PayloadOneofCase.ArtifactUpdate:
                var update = told.ArtifactUpdate;
                Produce(update.Artifact, update.Append, update.LastChunk);
                break;
            default:
                // Logs hold nothing else.
                break;
        }
    }

    /// <summary>The artifact of an id; null when there is none. Not to be changed or kept.</summary>
    public Artifact? FindArtifact(string id)
    {
        Settle();
        return _places.TryGetValue(id, out var place) ? _task.Artifacts[place] : null;
    }

    /// <summary>Refuses what may not be done with a task in this state.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.TaskNotCancelable"/> or <see cref="ErrorCode.OperationNotSupported"/>.</exception>
    public void Check(TaskOperation operation) => TaskStates.Check(State, operation);

    /// <summary>The task itself, to be written down at once: not to be changed or kept.</summary>
    public V1.Task Borrow()
    {
        Settle();
        return _task;
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

        Settle();
        var view = new V1.Task { Id = _task.Id, ContextId = _task.ContextId, Status = _task.Status.Clone(), Metadata = _task.Metadata?.Clone() };
        var skipped = Math.Max(0, _task.History.Count - (historyLength ?? _task.History.Count));
        view.History.AddRange(_task.History.Skip(skipped).Select(message => message.Clone()));
        if (withArtifacts)
        {
            view.Artifacts.AddRange(_task.Artifacts.Select(artifact => artifact.Clone()));
        }

        return view;
    }

    private static bool IsPlainText(Part part) => part is { ContentCase: Part.ContentOneofCase.Text, Metadata: null, Filename.Length: 0 };

    private void Restore(V1.Task task)
    {
        _task = task.Clone();
        _task.Status ??= new V1.TaskStatus { State = TaskState.Submitted };
        _places.Clear();
        _growing.Clear();
        _said.Clear();
        _said.UnionWith(_task.History.Select(message => message.MessageId));
        for (var place = 0; place < _task.Artifacts.Count; place++)
        {
            _places[_task.Artifacts[place].ArtifactId] = place;
        }
    }

    private TaskStatusUpdateEvent SetStatus(V1.TaskStatus status, Struct? metadata)
    {
        KeepStatusMessage();
        _task.Status = status;
        AddMetadata(metadata);
        return new TaskStatusUpdateEvent { TaskId = _task.Id, ContextId = _task.ContextId, Status = status.Clone(), Metadata = metadata };
    }

    private void AddMetadata(Struct? metadata)
    {
        foreach (var (name, value) in metadata?.Fields ?? [])
        {
            (_task.Metadata ??= new Struct()).Fields[name] = value.Clone();
        }
    }

    private void Append(Artifact known, Artifact chunk)
    {
        known.Name = chunk.Name.Length > 0 ? chunk.Name : known.Name;
        known.Description = chunk.Description.Length > 0 ? chunk.Description : known.Description;
        if (chunk.Metadata is not null)
        {
            (known.Metadata ??= new Struct()).Fields.MergeFrom(chunk.Metadata.Clone().Fields);
        }

        foreach (var part in chunk.Parts)
        {
            AppendPart(known, part);
        }
    }

    private void AppendPart(Artifact known, Part part)
    {
        if (known.Parts is [.., var last] && IsPlainText(last) && IsPlainText(part) && part.MediaType == last.MediaType)
        {
            if (!_growing.TryGetValue(known.ArtifactId, out var text))
            {
                _growing[known.ArtifactId] = text = new StringBuilder(last.Text);
            }

            text.Append(part.Text);
            return;
        }

        if (_growing.Remove(known.ArtifactId, out var grown))
        {
            known.Parts[^1].Text = grown.ToString();
        }

        known.Parts.Add(part.Clone());
    }

    // Text that grows is put together when somebody looks, not with every chunk.
    private void Settle()
    {
        foreach (var (id, text) in _growing)
        {
            _task.Artifacts[_places[id]].Parts[^1].Text = text.ToString();
        }

        _growing.Clear();
    }

    // What a status said moves into the history when another takes its place.
    private void KeepStatusMessage()
    {
        if (_task.Status.Message is { } said && _said.Add(said.MessageId))
        {
            _task.History.Add(said);
        }
    }

    private void AddToHistory(Message message)
    {
        _said.Add(message.MessageId);
        _task.History.Add(Placed(message));
    }

    private Message Placed(Message message)
    {
        var placed = message.Clone();
        placed.TaskId = _task.Id;
        placed.ContextId = _task.ContextId;
        return placed;
    }
}
