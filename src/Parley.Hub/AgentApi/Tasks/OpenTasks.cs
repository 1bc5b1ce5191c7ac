using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.AgentApi.Tasks.Stored;
using Parley.Hub.Connections.Events;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Hub.AgentApi.Tasks;

/// <summary>The tasks that memory holds: those that agents work on, and those that somebody follows. It sends, finds repeats, and goes on after a restart.</summary>
internal sealed partial class OpenTasks : IAsyncDisposable
{
    private const int StripeCount = 256;

    private readonly ConcurrentDictionary<string, OpenTask> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<SendKey, (OpenTask Task, byte[] Hash, long Number)> _unwritten = new();
    private readonly SemaphoreSlim[] _sendStripes = MakeStripes();
    private readonly SemaphoreSlim[] _loadStripes = MakeStripes();
    private readonly TaskQuota _quota;
    private readonly FillRandom _random;
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly RunningWork _running = new();
    private long _streams;

    /// <summary>The tasks of one hub.</summary>
    public OpenTasks(
        TaskStore store, TaskReader reader, AgentCaller caller, TaskOptions options, TimeProvider time, FillRandom random, ILogger<OpenTasks> logger)
    {
        (Store, Reader, Caller, Options, Time, _random, Logger) = (store, reader, caller, options, time, new BufferedRandom(random).Fill, logger);
        _quota = new TaskQuota(options);
        (Draining, Stopping) = (_draining.Token, _stopping.Token);
    }

    /// <summary>Where tasks are written.</summary>
    public TaskStore Store { get; }

    /// <summary>Where tasks are read.</summary>
    public TaskReader Reader { get; }

    /// <summary>The way to agents.</summary>
    public AgentCaller Caller { get; }

    /// <summary>Limits.</summary>
    public TaskOptions Options { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>The time.</summary>
    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>Log of all tasks.</summary>
    public ILogger<OpenTasks> Logger { get; }

    /// <summary>Ends streams and waits.</summary>
    public CancellationToken Draining { get; }

    /// <summary>Ends work.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Told of a task with push configs that new events of it are committed.</summary>
    public Action<string>? News { get; set; }

    /// <summary>Makes the event of a task's end, when somebody wants it; written with the end.</summary>
    public Func<WorkflowEnd, PreparedEvent?>? Ends { get; set; }

    /// <summary>Tasks in memory.</summary>
    public int Count => _open.Count;

    /// <summary>Streams that follow tasks.</summary>
    public long Streams => Interlocked.Read(ref _streams);

    /// <summary>A fresh id that nobody can guess; it sorts behind those of before, since the store's trees grow best at their end.</summary>
    public string NewId() => EnvelopeId.MakeOrdered(Now, _random).Value;

    /// <summary>Sends a message, unless it was sent before: then the task that it went to.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.TaskUnknown"/>, <see cref="ErrorCode.MessageIdReused"/>, <see cref="ErrorCode.RateLimited"/>, and what the rules of tasks refuse.</exception>
    public async Task<TaskLease> SendAsync(TaskSend send, CancellationToken cancellationToken)
    {
        var stripe = _sendStripes[(uint)send.Key.GetHashCode() % StripeCount];
        await stripe.WaitAsync(cancellationToken);
        try
        {
            return await FindRepeatedAsync(send, cancellationToken) ?? await SendNewAsync(send, cancellationToken);
        }
        finally
        {
            stripe.Release();
        }
    }

    /// <summary>The refusal for a task that is not there, or not the caller's.</summary>
    public static ParleyException Unknown() => new(ErrorCode.TaskUnknown, "There is no such task.");

    /// <summary>Holds a task of an owner; null when there is none.</summary>
    public async Task<TaskLease?> LeaseAsync(string id, TaskOwner owner, CancellationToken cancellationToken)
    {
        if (FindOpen(id, owner) is { } open)
        {
            return open;
        }

        var stripe = _loadStripes[(uint)id.GetHashCode(StringComparison.Ordinal) % StripeCount];
        await stripe.WaitAsync(cancellationToken);
        try
        {
            // Whoever held it may have closed it meanwhile: only what is read in here is the newest.
            if (FindOpen(id, owner) is { } opened)
            {
                return opened;
            }

            if (await Reader.OpenAsync(id, owner, cancellationToken) is not { } found)
            {
                return null;
            }

            var task = new OpenTask(this, found.Task, found.Messages, found.HasPushes);
            _open[id] = task;
            return new TaskLease(task);
        }
        finally
        {
            stripe.Release();
        }
    }

    /// <summary>An agent is called something else now; the store's rows are moved already.</summary>
    public void Rename(AgentAddress from, AgentAddress to)
    {
        foreach (var task in _open.Values)
        {
            task.Rename(from, to);
        }

        _quota.Rename(from.ToString(), to.ToString());
    }

    /// <summary>Goes on with what agents had in hand when the hub stopped; called once, before the doors open.</summary>
    public async Task ResumeAsync()
    {
        foreach (var (owner, count) in await Reader.CountAsync())
        {
            _quota.Stored(owner, count);
        }

        var tasks = await Reader.LoadOpenAsync();
        var waiting = new List<(TaskLease Lease, OpenMessage Message)>();
        foreach (var (stored, messages, hasPushes, open) in tasks)
        {
            var task = new OpenTask(this, stored, messages, hasPushes);
            _open[stored.Id] = task;
            var lease = new TaskLease(task);
            foreach (var message in open)
            {
                waiting.Add((lease, message));
            }
        }

        foreach (var group in waiting.GroupBy(entry => entry.Message.Sender))
        {
            ResumeOf(group.Key, [.. group]);
        }

        foreach (var (lease, _) in waiting)
        {
            lease.Dispose();
        }

        if (tasks.Count > 0)
        {
            LogResumed(Logger, tasks.Count);
        }
    }

    /// <summary>A task has push configs since now.</summary>
    public void HasPushes(OpenTask task)
    {
        task.HasPushes();
        News?.Invoke(task.Id);
    }

    /// <summary>Ends streams and waits, so that doors can close. Tasks go on.</summary>
    public void EndStreams() => _draining.Cancel();

    /// <summary>Deletes tasks whose time is over.</summary>
    public async Task ExpireAsync()
    {
        var (now, kept) = (Now.ToUnixTimeMilliseconds(), (long)Options.Retention.TotalMilliseconds);
        while (await Store.ExpireAsync(now, kept, _open.ContainsKey) is { Count: > 0 } deleted)
        {
            foreach (var (owner, count) in deleted)
            {
                _quota.Stored(owner, -count);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _draining.CancelAsync();
        await _stopping.CancelAsync();
        await _running.EndAsync();
        _draining.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Nobody holds a task any more.</summary>
    internal void Close(OpenTask task) => _open.TryRemove(new KeyValuePair<string, OpenTask>(task.Id, task));

    /// <summary>Work that has to end before the store closes.</summary>
    internal void Track(Task work) => _running.Add(work);

    /// <summary>An owner has one message more, or less, in the hands of agents.</summary>
    internal void CountOpen(TaskOwner owner, int change) => _quota.Open(owner, change);

    /// <summary>One stream more, or less.</summary>
    internal void CountStream(int change) => Interlocked.Add(ref _streams, change);

    /// <summary>A send is on its way to the store: until it is there, a repeat finds it here.</summary>
    internal void Sending(OpenTask task, TaskSend send, long number) => _unwritten[send.Key] = (task, send.Hash, number);

    /// <summary>A write is committed.</summary>
    internal void Written(OpenTask task, TaskWrite write, bool hasPushes)
    {
        foreach (var message in write.Messages)
        {
            _unwritten.TryRemove(message.Key, out _);
        }

        write.End?.Publish();
        if (hasPushes)
        {
            News?.Invoke(task.Id);
        }
    }

    private static SemaphoreSlim[] MakeStripes() => [.. Enumerable.Range(0, StripeCount).Select(_ => new SemaphoreSlim(1))];

    private async Task<TaskLease?> FindRepeatedAsync(TaskSend send, CancellationToken cancellationToken)
    {
        if (_unwritten.TryGetValue(send.Key, out var begun) && begun.Task.TryLease())
        {
            var lease = new TaskLease(begun.Task, begun.Number, isRepeat: true);
            return IsSame(begun.Hash, send.Hash) ? lease : Refuse(lease);
        }

        if (await Reader.FindSendAsync(send.Key, cancellationToken) is not { } known)
        {
            return null;
        }

        if (!IsSame(known.Hash, send.Hash))
        {
            return Refuse(null);
        }

        return await LeaseAsync(known.TaskId, send.Key.Owner, cancellationToken) is { } found ? new TaskLease(found.Task, 0, isRepeat: true) : null;
    }

    private static bool IsSame(byte[] one, byte[] other) => one.AsSpan().SequenceEqual(other);

    private static TaskLease Refuse(TaskLease? lease)
    {
        lease?.Dispose();
        throw new ParleyException(ErrorCode.MessageIdReused, "Another message was sent under this id before.") { Field = "message.messageId" };
    }

    private async Task<TaskLease> SendNewAsync(TaskSend send, CancellationToken cancellationToken)
    {
        _quota.Check(send.Key.Owner);
        var message = send.Request.Message;
        if (message.TaskId.Length == 0)
        {
            message.ContextId = message.ContextId.Length > 0 ? message.ContextId : NewId();
            var made = new TaskLease(new OpenTask(this, NewId(), send.Key.Owner, send.Agent, message));
            _open[made.Task.Id] = made.Task;
            var sent = Send(made, send);
            _quota.Stored(send.Key.Owner.Text, 1);
            return sent;
        }

        return Send(await LeaseAsync(message.TaskId, send.Key.Owner, cancellationToken) ?? throw Unknown(), send);
    }

    private static TaskLease Send(TaskLease lease, TaskSend send)
    {
        try
        {
            return new TaskLease(lease.Task, lease.Task.Send(send));
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    private TaskLease? FindOpen(string id, TaskOwner owner) =>
        _open.TryGetValue(id, out var task) && task.Owner == owner && task.TryLease() ? new TaskLease(task) : null;

    private void ResumeOf(AgentAddress sender, IReadOnlyList<(TaskLease Lease, OpenMessage Message)> waiting)
    {
        var accepted = waiting.Where(entry => entry.Message.IsAccepted).ToList();
        var calls = Caller.Resume(sender, [.. accepted.Select(entry => (entry.Message.Envelope, entry.Message.Target.ToString()))]);
        foreach (var (entry, call) in accepted.Zip(calls))
        {
            entry.Lease.Task.Resume(entry.Message, call);
        }

        foreach (var (lease, message) in waiting.Where(entry => !entry.Message.IsAccepted))
        {
            var request = new AgentCallRequest(sender, message.Target, message.Envelope, Message.Parser.ParseFrom(message.Body))
            {
                Thread = lease.Task.Thread,
                MayBeRepeated = true,
            };
            lease.Task.Resume(message, Caller.Start(request));
        }
    }

    [LoggerMessage(LogLevel.Information, "Goes on with {Count} tasks")]
    private static partial void LogResumed(ILogger logger, int count);
}
