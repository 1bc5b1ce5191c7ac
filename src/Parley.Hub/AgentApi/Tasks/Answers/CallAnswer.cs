using System.Text;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.A2a.Tasks;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi.Calls;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Message = Parley.Gateway.Wire.V1.Message;
using Part = Parley.Gateway.Wire.V1.Part;

namespace Parley.Hub.AgentApi.Tasks.Answers;

/// <summary>What becomes of a task by one message's answer. Pure: events of the call go in, events of the task come out, and the task has them already.</summary>
/// <remarks>
/// Text that streams is one artifact of the message; pieces that come together are told together. A question is not part of it: it is what the status says.
/// After a restart the call begins again from the front: text that was told before is skipped, or, when it differs now, replaced.
/// </remarks>
internal sealed class CallAnswer
{
    private const int MaxNote = 4096;
    private const string HeldText = "The agent is offline. The message waits in its mailbox.";
    private const string PendingText = "The message waits until the agent's owner accepts the caller.";
    private const string PersonText = "A person has the message.";

    private readonly AgentTask _task;
    private readonly string _artifactId;
    private readonly Func<string> _newId;
    private readonly StringBuilder _text = new();
    private List<StreamResponse> _told = [];
    private string _before;
    private int _sameUntil;
    private bool _hasBegun;
    private bool _isWaiting;
    private DateTimeOffset _now;
    private long _room;

    /// <summary>An answer to a message.</summary>
    /// <param name="task">The task.</param>
    /// <param name="place">Which message of the task it is, from 1.</param>
    /// <param name="newId">Makes ids of messages.</param>
    public CallAnswer(AgentTask task, int place, Func<string> newId)
    {
        (_task, _newId) = (task, newId);
        _artifactId = NameOf("answer", place);
        Place = place;
        var known = task.FindArtifact(_artifactId);
        _hasBegun = known is not null;
        _before = string.Concat(known?.Parts.Select(part => part.Text) ?? []);
    }

    /// <summary>Which message of the task it answers, from 1.</summary>
    public int Place { get; }

    /// <summary>The agent, or its mailbox, is known to have the message.</summary>
    public bool IsAccepted { get; private set; }

    /// <summary>The message lies in a mailbox.</summary>
    public bool IsHeld => _isWaiting;

    /// <summary>Applies events of the call.</summary>
    /// <param name="events">What came, in order.</param>
    /// <param name="decides">Whether no other message of the task is on its way: then the reply is the task's last word.</param>
    /// <param name="now">The time.</param>
    /// <param name="room">Bytes that the task may still grow by. The reply is not taken when what came with it is more: a task that is completed cannot fail.</param>
    /// <returns>The events of the task.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentAnswerInvalid"/>: the answer breaks the rules of tasks. <see cref="ErrorCode.MessageTooLarge"/>: there is no room. What was applied before stays.</exception>
    public IReadOnlyList<StreamResponse> Take(IReadOnlyList<AgentCallEvent> events, bool decides, DateTimeOffset now, long room = long.MaxValue)
    {
        (_now, _room) = (now, room);
        _told = [];
        foreach (var one in events)
        {
            Take(one, decides);
        }

        if (events is not [.., AgentCallEvent.Delta { IsRest: true }])
        {
            TellText(isLast: false);
        }

        return _told;
    }

    /// <summary>Why an answer is refused that is larger than its task may be.</summary>
    public static ParleyException TooLarge() => new(ErrorCode.MessageTooLarge, "The answer is larger than the hub keeps of one task.");

    /// <summary>What the last batch told, also when it was refused in the middle.</summary>
    public IReadOnlyList<StreamResponse> Told => _told;

    private static string NameOf(string name, int place) => place == 1 ? name : $"{name}-{place}";

    private void Take(AgentCallEvent callEvent, bool decides)
    {
        IsAccepted |= callEvent is not AgentCallEvent.Ended;
        switch (callEvent)
        {
            case AgentCallEvent.Held held:
                Wait(held.AwaitsContact ? PendingText : HeldText);
                break;
            case AgentCallEvent.Delivered or AgentCallEvent.Working:
                Work();
                break;
            case AgentCallEvent.Read read:
                Work(says: read.ByPerson ? PersonText : null);

                break;
            case AgentCallEvent.Delta delta:
                if (!delta.IsRest)
                {
                    Work(isOutput: true);
                }

                _text.Append(delta.Text);
                break;
            case AgentCallEvent.Note note:
                TellText(isLast: false);
                _isWaiting = false;
                Tell(TaskState.Working, TextMessage(note.Text.Length > MaxNote ? note.Text[..MaxNote] : note.Text));
                break;
            case AgentCallEvent.Update update:
                TellText(isLast: false);
                Take(update.Response);
                break;
            case AgentCallEvent.Replied replied:
                CheckRoom();
                Finish(AgentReply.Of(replied.Reply), decides);
                break;
            case AgentCallEvent.Ended ended:
                TellText(isLast: true);
                End(ended, decides);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(callEvent));
        }
    }

    // After a restart the text begins with what was told before.
    private void CheckRoom()
    {
        if (_told.Sum(one => (long)one.CalculateSize()) + Math.Max(0, _text.Length - _before.Length) > _room)
        {
            throw TooLarge();
        }
    }

    private void Wait(string why)
    {
        if (!_isWaiting && !_task.IsEnded)
        {
            _isWaiting = true;
            Tell(_task.State == TaskState.Submitted ? TaskState.Submitted : TaskState.Working, TextMessage(why));
        }
    }

    // A task that waits for a credential goes on when output shows that it has one.
    private void Work(bool isOutput = false, string? says = null)
    {
        if (_isWaiting || says is not null || _task.State == TaskState.Submitted || (isOutput && _task.State == TaskState.AuthRequired))
        {
            _isWaiting = false;
            Tell(TaskState.Working, says is null ? null : TextMessage(says));
        }
    }

    private void Take(StreamResponse response)
    {
        switch (response.PayloadCase)
        {
            case StreamResponse.PayloadOneofCase.StatusUpdate:
                // Ends and questions are the reply's to tell.
                var status = response.StatusUpdate.Status ?? new Gateway.Wire.V1.TaskStatus { State = TaskState.Working };
                if (!TaskStates.IsTerminal(status.State) && status.State != TaskState.InputRequired)
                {
                    Tell(status.State, status.Message, response.StatusUpdate.Metadata);
                }

                break;
            case StreamResponse.PayloadOneofCase.ArtifactUpdate:
                Work(isOutput: true);
                var update = response.ArtifactUpdate;
                Tell(_task.Produce(Identified(update.Artifact), update.Append, update.LastChunk));
                break;
            case StreamResponse.PayloadOneofCase.Message:
                Tell(TaskState.Working, response.Message);
                break;
            default:
                // A whole task comes with the reply.
                break;
        }
    }

    private static Artifact Identified(Artifact? artifact) => artifact is { ArtifactId.Length: > 0 }
        ? artifact
        : throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent made an artifact without an id.");

    private void Finish(AgentReply reply, bool decides)
    {
        var question = string.Empty;
        if (reply.IsQuestion)
        {
            (question, _) = TakeText(isLast: true);
        }

        if (reply.Artifacts is null || _hasBegun || !_text.Equals(reply.TextOfArtifacts.AsSpan()))
        {
            TellText(isLast: true);
        }

        foreach (var artifact in reply.ArtifactsOf(Place))
        {
            TellWhole(artifact);
        }

        var message = reply.StatusMessage ?? (question.Trim().Length > 0 ? TextMessage(question.Trim()) : reply.IsQuestion && reply.Text.Length > 0 ? TextMessage(reply.Text) : null);
        message ??= reply.Failure is { } failure ? TextMessage(failure) : null;
        if (decides)
        {
            Tell(reply.State, message, reply.Metadata);
        }
        else if (message is not null || reply.Metadata is not null)
        {
            Tell(TaskState.Working, message, reply.Metadata);
        }
    }

    private void End(AgentCallEvent.Ended ended, bool decides)
    {
        var code = ErrorMap.FromWireName(ended.Code);
        var metadata = new Struct { Fields = { [AgentReply.ErrorCodeName] = Value.ForString(ended.Code) } };
        var message = TextMessage(ended.Message.Length > 0 ? ended.Message : "The message did not reach the agent.");
        var state = (ended.State, code) switch
        {
            (_, ErrorCode.Canceled) => TaskState.Canceled,
            (ReceiptState.Refused, ErrorCode.ContactBlocked or ErrorCode.ResponderNotAllowed or ErrorCode.ResponderMissing or ErrorCode.PermissionDenied) => TaskState.Rejected,
            _ => TaskState.Failed,
        };
        Tell(decides ? state : TaskState.Working, message, metadata);
    }

    private void TellText(bool isLast)
    {
        var (text, isReplaced) = TakeText(isLast);
        if (text.Length == 0 && !isReplaced && !(isLast && _hasBegun))
        {
            return;
        }

        var starts = isReplaced || !_hasBegun;
        _hasBegun = true;
        var chunk = new Artifact { ArtifactId = _artifactId, Name = starts ? _artifactId : string.Empty, Parts = { new Part { Text = text } } };
        Tell(_task.Produce(chunk, append: !starts, isLast));
    }

    // Without what was told before a restart; when the answer is another one now, all of it, to replace what was told.
    private (string Text, bool IsReplaced) TakeText(bool isLast)
    {
        var text = _text.ToString();
        _text.Clear();
        var left = _before.Length - _sameUntil;
        if (left == 0)
        {
            return (text, false);
        }

        var same = Math.Min(text.Length, left);
        if (string.CompareOrdinal(text, 0, _before, _sameUntil, same) == 0 && (!isLast || same == left))
        {
            _sameUntil += same;
            return (text[same..], false);
        }

        text = _before[.._sameUntil] + text;
        (_before, _sameUntil) = (string.Empty, 0);
        return (text, true);
    }

    private void TellWhole(Artifact artifact)
    {
        var known = _task.FindArtifact(Identified(artifact).ArtifactId);
        if (known is null || !SameArtifact.Is(known, artifact))
        {
            Tell(_task.Produce(artifact, append: false, isLastChunk: true));
        }
    }

    private void Tell(TaskState state, Message? message, Struct? metadata = null)
    {
        Tell(_task.Report(state, message is null ? null : Said(message), _now, metadata));
    }

    private void Tell(TaskStatusUpdateEvent told) => _told.Add(new StreamResponse { StatusUpdate = told });

    private void Tell(TaskArtifactUpdateEvent told) => _told.Add(new StreamResponse { ArtifactUpdate = told });

    private Message TextMessage(string text) => new() { MessageId = _newId(), Role = Gateway.Wire.V1.Role.Agent, Parts = { new Part { Text = text } } };

    // What a responder says has at least an id and a role.
    private Message Said(Message message)
    {
        message.MessageId = message.MessageId.Length > 0 ? message.MessageId : _newId();
        message.Role = Gateway.Wire.V1.Role.Agent;
        return message;
    }
}
