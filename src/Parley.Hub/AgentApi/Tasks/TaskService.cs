using System.Runtime.CompilerServices;
using Parley.Gateway.A2a.Tasks;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi.Tasks.Push;
using Parley.Hub.AgentApi.Tasks.Stored;
using Parley.Hub.Identity;
using Parley.Hub.Outbound;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Sqlite;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Hub.AgentApi.Tasks;

/// <summary>The operations of A2A over the tasks of this hub. The parts of this class are sending, reading, and push configs.</summary>
internal sealed partial class TaskService : IAgentOperations
{
    private readonly IAgentCards _cards;
    private readonly OpenTasks _tasks;
    private readonly TaskReader _reader;
    private readonly OutboundPolicy _outbound;

    /// <summary>Operations over tasks.</summary>
    public TaskService(IAgentCards cards, OpenTasks tasks, TaskReader reader, OutboundPolicy outbound) =>
        (_cards, _tasks, _reader, _outbound) = (cards, tasks, reader, outbound);

    /// <inheritdoc/>
    public async Task<SendMessageResponse> SendAsync(ApiCall call, SendMessageRequest request, CancellationToken cancellationToken)
    {
        var returnsAtOnce = request.Configuration?.ReturnImmediately ?? false;
        var send = await CheckedAsync(call, request, mayBeDeferred: !returnsAtOnce, cancellationToken);
        using var lease = await _tasks.SendAsync(send, cancellationToken);
        await lease.Task.WaitAsync(lease.Number, untilItWaits: !returnsAtOnce, cancellationToken);
        return new SendMessageResponse { Task = await ViewAsync(lease, HistoryLength(request.Configuration), cancellationToken) };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TaskEvent> StreamAsync(ApiCall call, SendMessageRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var send = await CheckedAsync(call, request, mayBeDeferred: false, cancellationToken);
        CardRules.CheckStreaming(_cards.CardOf(send.Agent, isExtended: false));
        using var lease = await _tasks.SendAsync(send, cancellationToken);
        var after = lease.Number - 1;
        if (lease.IsRepeat)
        {
            lease.Task.WriteNow();
            await lease.Task.WaitAsync(lease.Number, untilItWaits: false, cancellationToken);
            var stored = await FoundAsync(lease.Task.Id, lease.Task.Owner, cancellationToken);
            after = stored.Number;
            yield return new TaskEvent(after, new StreamResponse { Task = stored.Task });
        }

        await foreach (var one in lease.Task.FollowAsync(after, cancellationToken))
        {
            yield return one.Number == after + 1 && !lease.IsRepeat ? Shortened(one, HistoryLength(request.Configuration)) : one;
        }
    }

    // The first event of a stream is the task, with as much of its history as was asked for.
    private static TaskEvent Shortened(TaskEvent first, int? historyLength) => historyLength is null || first.Response.Task is null
        ? first
        : first with { Response = new StreamResponse { Task = new AgentTask(first.Response.Task).View(historyLength, withArtifacts: true) } };

    private static int? HistoryLength(SendMessageConfiguration? configuration) => configuration is { HasHistoryLength: true } ? configuration.HistoryLength : null;

    private async Task<TaskSend> CheckedAsync(ApiCall call, SendMessageRequest request, bool mayBeDeferred, CancellationToken cancellationToken)
    {
        SendRules.Check(request);
        if (request.Configuration?.TaskPushNotificationConfig is { } push)
        {
            PushConfigs.Check(push, _outbound);
        }

        var owner = TaskOwner.Of(call.Caller);
        var agent = await AgentOfAsync(call, owner, request.Tenant, request.Message.TaskId, cancellationToken);
        var card = _cards.CardOf(agent, isExtended: false);
        CardRules.CheckMessage(card, request.Message, call.Extensions);
        if (request.Configuration?.TaskPushNotificationConfig is not null)
        {
            CardRules.CheckPush(card);
        }

        var hash = SendKey.ContentHash(request);
        var message = request.Message.Clone();
        message.Role = message.Role == V1.Role.Unspecified ? V1.Role.User : message.Role;
        var own = new SendMessageRequest { Tenant = request.Tenant, Message = message, Configuration = request.Configuration, Metadata = request.Metadata };
        return new TaskSend(SendKey.Of(owner, agent, message.MessageId), hash, agent, CallerAddresses.Of(call.Caller, agent), own, call, mayBeDeferred);
    }

    // Where no agent is named, the task names it; whose task it is comes first.
    private async Task<AgentAddress> AgentOfAsync(ApiCall call, TaskOwner owner, string tenant, string taskId, CancellationToken cancellationToken)
    {
        if (taskId.Length == 0)
        {
            return _cards.Find(call.Caller, tenant);
        }

        var named = tenant.Length > 0 ? _cards.Find(call.Caller, tenant) : (AgentAddress?)null;
        var stored = await GuardedAsync(() => _reader.FindAsync(taskId, owner, cancellationToken)) ?? throw OpenTasks.Unknown();
        if (named is not null && named != stored.Agent)
        {
            throw OpenTasks.Unknown();
        }

        return named ?? _cards.Find(call.Caller, stored.Agent.ToString());
    }

    private async Task<V1.Task> ViewAsync(TaskLease lease, int? historyLength, CancellationToken cancellationToken) =>
        lease.Task.View(historyLength) ?? Viewed(await FoundAsync(lease.Task.Id, lease.Task.Owner, cancellationToken), historyLength);

    private static V1.Task Viewed(StoredTask stored, int? historyLength) => new AgentTask(stored.Task).View(historyLength, withArtifacts: true);

    private async Task<StoredTask> FoundAsync(string id, TaskOwner owner, CancellationToken cancellationToken) =>
        await GuardedAsync(() => _reader.FindAsync(id, owner, cancellationToken)) ?? throw OpenTasks.Unknown();

    private static async Task<T> GuardedAsync<T>(Func<Task<T>> step)
    {
        try
        {
            return await step();
        }
        catch (StoreUnavailableException exception)
        {
            throw new ParleyException(ErrorCode.Unavailable, "The hub's store cannot be used now; try again later.", exception);
        }
    }
}
