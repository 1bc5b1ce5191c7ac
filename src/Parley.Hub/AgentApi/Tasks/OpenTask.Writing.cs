using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Parley.Gateway.A2a.Tasks;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi.Tasks.Stored;
using Parley.Hub.Connections.Events;
using Parley.Sqlite;

namespace Parley.Hub.AgentApi.Tasks;

internal sealed partial class OpenTask
{
    // A task that ends at once is one write; this is how long it may take to.
    private static readonly TimeSpan _deferral = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _retryAfter = TimeSpan.FromSeconds(1);

    private Unwritten _unwritten = new();
    private ITimer? _deferring;
    private volatile bool _isDeferred;
    private bool _isCreated;
    private bool _isWriting;
    private bool _hasPushes;
    private bool _isEndTold;
    private long _changes;
    private long _writtenChanges;
    private long _committed;
    private TaskState _committedState;
    private Exception? _failure;
    private long _failingSince;

    /// <summary>Notes that the task has push configs.</summary>
    public void HasPushes()
    {
        lock (_gate)
        {
            _hasPushes = true;
        }
    }

    /// <summary>Stops gathering: somebody wants to see what is there.</summary>
    public void WriteNow()
    {
        _isDeferred = false;
        Write();
    }

    private void WriteLater() => _deferring = _desk.Time.CreateTimer(static task => ((OpenTask)task!).WriteNow(), this, _deferral, Timeout.InfiniteTimeSpan);

    private void Write()
    {
        lock (_gate)
        {
            if (_isWriting || !MustWrite())
            {
                return;
            }

            _isWriting = true;
            _leases++;
        }

        _desk.Track(WriteAllAsync());
    }

    private bool MustWrite() => !_unwritten.IsEmpty && _failure is not TaskGoneException && (!_isDeferred || TaskStates.EndsWaiting(_task.State));

    private async System.Threading.Tasks.Task WriteAllAsync()
    {
        try
        {
            while (Take() is { } write)
            {
                await WriteAsync(write);
            }
        }
        catch (OperationCanceledException)
        {
            // The hub stops; what was not written was not told.
        }
        catch (Exception exception)
        {
            LogNotWritten(_desk.Logger, exception);
            Break(exception as TaskGoneException ?? new TaskGoneException("The task could not be stored.", exception));
        }
        finally
        {
            Release();
        }
    }

    private TaskWrite? Take()
    {
        lock (_gate)
        {
            if (!MustWrite())
            {
                _isWriting = false;
                return null;
            }

            _deferring?.Dispose();
            (_deferring, _isDeferred) = (null, false);
            var (unwritten, isFirst) = (_unwritten, !_isCreated);
            (_unwritten, _isCreated) = (new Unwritten { State = _task.State }, true);
            return new TaskWrite
            {
                Id = Id,
                Creation = isFirst ? (Owner, Agent.ToString(), _task.ContextId) : null,
                Number = _number,
                Events = unwritten.Events,
                Snapshot = isFirst || unwritten.HasNewState ? Snapshot() : null,
                Messages = [.. unwritten.Messages.Select(entry => Written(entry.Message, entry.Body, unwritten.Answered.Contains(entry.Message.Message.Place)))],
                Accepted = unwritten.Accepted,
                Answered = unwritten.Answered,
                Pushes = unwritten.Pushes,
                End = EndOf(unwritten),
                AtMs = _desk.Now.ToUnixTimeMilliseconds(),
                Changes = _changes,
            };
        }
    }

    private PreparedEvent? EndOf(Unwritten unwritten)
    {
        if (!unwritten.HasNewState || _isEndTold || !_task.IsEnded)
        {
            return null;
        }

        _isEndTold = true;
        return _desk.Ends?.Invoke(TaskEnd.Of(_task.Borrow(), Agent, _marks));
    }

    private static NewMessage Written(NewMessage message, Protocol.Wire.Message body, bool isAnswered) => isAnswered
        ? message with { IsOpen = false }
        : message with { Message = message.Message with { Body = body.ToByteArray() } };

    private TaskSnapshot Snapshot()
    {
        var task = _task.Borrow();
        var head = new Gateway.Wire.V1.Task { Id = task.Id, ContextId = task.ContextId, Status = task.Status, Metadata = task.Metadata };
        head.History.AddRange(task.History);
        var artifacts = new Gateway.Wire.V1.Task();
        artifacts.Artifacts.AddRange(task.Artifacts);
        return new TaskSnapshot(task.Status.State, _task.StatusAt.ToUnixTimeMilliseconds(), _calls.Count > 0, head.ToByteArray(), artifacts.ToByteArray());
    }

    private async System.Threading.Tasks.Task WriteAsync(TaskWrite write)
    {
        while (true)
        {
            try
            {
                if (!await _desk.Store.WriteAsync(write))
                {
                    throw new TaskGoneException("The task was deleted.", null);
                }

                Publish(write);
                return;
            }
            catch (StoreUnavailableException exception)
            {
                // The store says so in the log. Those who wait are told, and the write is tried again: the agent's answer must not be lost.
                Break(exception);
                await System.Threading.Tasks.Task.Delay(_retryAfter, _desk.Time, _desk.Stopping);
            }
        }
    }

    private void Break(Exception failure)
    {
        lock (_gate)
        {
            _failingSince = _failure is null ? _desk.Time.GetTimestamp() : _failingSince;
            _failure = failure;
            TellChange();
        }
    }

    private void Publish(TaskWrite write)
    {
        lock (_gate)
        {
            _failure = null;
            _committed = write.Number;
            _writtenChanges = write.Changes;
            _committedState = write.Snapshot?.State ?? _committedState;
            AddToTail(write);
            TellChange();
        }

        _desk.Written(this, write, _hasPushes);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A task could not be stored")]
    private static partial void LogNotWritten(ILogger logger, Exception exception);

    /// <summary>What was applied and is in no write yet.</summary>
    private sealed class Unwritten
    {
        public List<StreamResponse> Events { get; } = [];

        public List<(NewMessage Message, Protocol.Wire.Message Body)> Messages { get; } = [];

        public List<int> Accepted { get; } = [];

        public List<int> Answered { get; } = [];

        public List<StoredPush> Pushes { get; } = [];

        public bool HasNewState { get; set; }

        public TaskState State { get; set; }

        public bool IsEmpty => Events.Count == 0 && Answered.Count == 0 && Accepted.Count == 0;
    }
}
