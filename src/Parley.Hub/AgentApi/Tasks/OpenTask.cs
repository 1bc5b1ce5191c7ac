using Parley.Gateway.A2a.Tasks;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.AgentApi.Tasks.Answers;
using Parley.Hub.AgentApi.Tasks.Push;
using Parley.Hub.AgentApi.Tasks.Stored;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;

namespace Parley.Hub.AgentApi.Tasks;

/// <summary>A task that somebody works on or follows. Its gate guards it; the parts of this class are the calls to the agent, the writing, and those who wait.</summary>
/// <remarks>
/// An event is applied, then written, then told: whoever waits sees what was committed and nothing else. What comes while a write is under way is written together with the next one.
/// It is closed, and its memory goes, when nobody holds it any more; the store has all of it then.
/// Lock order: its gate before the gates of the router and of calls.
/// </remarks>
internal sealed partial class OpenTask
{
    private readonly Lock _gate = new();
    private readonly OpenTasks _desk;
    private readonly AgentTask _task;
    private readonly List<RunningCall> _calls = [];
    private readonly Dictionary<string, string> _marks = [];
    private int _messages;
    private int _leases;
    private bool _isClosed;
    private long _number;
    private long _bytes;

    /// <summary>A new task; its first message is given to <see cref="Send"/>.</summary>
    public OpenTask(OpenTasks desk, string id, TaskOwner owner, AgentAddress agent, Message first)
    {
        (_desk, Id, Owner, Agent) = (desk, id, owner, agent);
        _task = new AgentTask(id, first, desk.Now);
        _leases = 1;
    }

    /// <summary>A task of the store.</summary>
    /// <param name="desk">Where it belongs.</param>
    /// <param name="stored">As it was read.</param>
    /// <param name="messages">How many messages it has had.</param>
    /// <param name="hasPushes">Whether anybody is to be notified.</param>
    public OpenTask(OpenTasks desk, StoredTask stored, int messages, bool hasPushes)
    {
        (_desk, Id, Owner, Agent) = (desk, stored.Id, stored.Owner, stored.Agent);
        _task = new AgentTask(stored.Task);
        (_messages, _number, _bytes, _committed, _committedState) = (messages, stored.Number, stored.Bytes, stored.Number, _task.State);
        (_isCreated, _hasPushes, _leases) = (true, hasPushes, 1);
        _unwritten.State = _task.State;
    }

    /// <summary>The task's id.</summary>
    public string Id { get; }

    /// <summary>Whose it is.</summary>
    public TaskOwner Owner { get; private set; }

    /// <summary>The agent that works on it.</summary>
    public AgentAddress Agent { get; private set; }

    /// <summary>The thread of its envelopes.</summary>
    public string Thread => SendKey.ThreadOf(_task.ContextId);

    /// <summary>An agent is called something else now: the one that works on it, or the one whose task it is.</summary>
    public void Rename(AgentAddress from, AgentAddress to)
    {
        lock (_gate)
        {
            Agent = Agent == from ? to : Agent;
            Owner = Owner == new TaskOwner(from.ToString()) ? new TaskOwner(to.ToString()) : Owner;
        }
    }

    /// <summary>Keeps it open; false when it is closed already.</summary>
    public bool TryLease()
    {
        lock (_gate)
        {
            _leases += _isClosed ? 0 : 1;
            return !_isClosed;
        }
    }

    /// <summary>Gives back what <see cref="TryLease"/> gave.</summary>
    public void Release()
    {
        lock (_gate)
        {
            if (--_leases > 0)
            {
                return;
            }

            _isClosed = true;
        }

        _desk.Close(this);
    }

    /// <summary>Sends a message to the agent: the first one, or a further one.</summary>
    /// <returns>The number of the event that the message is.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.OperationNotSupported"/> after the end, and what else the rules of tasks refuse.</exception>
    public long Send(TaskSend send)
    {
        long number;
        lock (_gate)
        {
            var isFirst = _messages == 0;
            var body = AgentMessage.Of(send.Request, Id, send.Call.Context);
            CheckSize(body);
            TaskEnd.Mark(_marks, body);
            if (!isFirst)
            {
                _task.Receive(send.Request.Message, _desk.Now);
            }

            _messages++;
            _isDeferred = isFirst && send.MayBeDeferred;
            var message = new OpenMessage(_messages, send.Key.ToEnvelopeId(), send.Sender, send.Agent, false, []);
            Append(new StreamResponse { Task = _task.View(null, withArtifacts: true) });
            number = _number;
            _unwritten.Messages.Add((new NewMessage(send.Key, send.Hash, message, IsOpen: true), body));
            AddPush(send);
            _desk.Sending(this, send, number);
            Run(message, _desk.Caller.Start(RequestOf(message, body)));
        }

        if (_isDeferred)
        {
            WriteLater();
        }

        Write();
        return number;
    }

    /// <summary>Goes on with a message of before the restart.</summary>
    public void Resume(OpenMessage message, AgentCall call)
    {
        lock (_gate)
        {
            if (message.Body.Length > 0)
            {
                TaskEnd.Mark(_marks, Protocol.Wire.Message.Parser.ParseFrom(message.Body));
            }

            Run(message, call);
        }
    }

    private AgentCallRequest RequestOf(OpenMessage message, Protocol.Wire.Message body) =>
        new(message.Sender, message.Target, message.Envelope, body) { Thread = Thread };

    private static void CheckSize(Protocol.Wire.Message body)
    {
        if (body.CalculateSize() > MessagingLimits.MaxBodyBytes)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, "The message is larger than 16 MiB.");
        }
    }

    private void AddPush(TaskSend send)
    {
        if (send.Push is { } config)
        {
            _unwritten.Pushes.Add(new StoredPush(Id, _number - 1, send.Call.Version, PushConfigs.Of(config, Id, _desk.NewId)));
            _hasPushes = true;
        }
    }

    // An event that the task has already; under the gate.
    private void Append(StreamResponse told)
    {
        _number++;
        _changes++;
        _bytes += told.CalculateSize();
        var state = told.Task?.Status.State ?? told.StatusUpdate?.Status.State ?? _unwritten.State;
        _unwritten.HasNewState |= told.Task is not null || state != _unwritten.State;
        _unwritten.State = state;
        _unwritten.Events.Add(told);
    }
}
