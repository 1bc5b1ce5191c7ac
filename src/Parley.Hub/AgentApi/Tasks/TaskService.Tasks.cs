using System.Runtime.CompilerServices;
using Parley.Gateway.A2a.Tasks;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi.Tasks.Stored;
using Parley.Protocol.Errors;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Hub.AgentApi.Tasks;

internal sealed partial class TaskService
{
    /// <inheritdoc/>
    public async Task<V1.Task> GetAsync(ApiCall call, GetTaskRequest request, CancellationToken cancellationToken) =>
        Viewed(await FoundAsync(call, request.Tenant, request.Id, cancellationToken), request.HasHistoryLength ? request.HistoryLength : null);

    /// <inheritdoc/>
    public async Task<ListTasksResponse> ListAsync(ApiCall call, ListTasksRequest request, CancellationToken cancellationToken)
    {
        var owner = TaskOwner.Of(call.Caller);
        var agent = _cards.Find(call.Caller, request.Tenant);
        return await GuardedAsync(() => _reader.ListAsync(TaskQuery.Of(owner, agent, request), cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<V1.Task> CancelAsync(ApiCall call, CancelTaskRequest request, CancellationToken cancellationToken)
    {
        var stored = await FoundAsync(call, request.Tenant, request.Id, cancellationToken);
        if (stored.Task.Status.State == TaskState.Canceled)
        {
            return stored.Task;
        }

        TaskStates.Check(stored.Task.Status.State, TaskOperation.Cancel);
        using var lease = await GuardedAsync(() => _tasks.LeaseAsync(stored.Id, stored.Owner, cancellationToken)) ?? throw OpenTasks.Unknown();
        lease.Task.Cancel();
        await lease.Task.WaitForEndAsync(_tasks.Options.CancelWait, cancellationToken);
        return await ViewAsync(lease, null, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TaskEvent> SubscribeAsync(ApiCall call, SubscribeToTaskRequest request, long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stored = await FoundAsync(call, request.Tenant, request.Id, cancellationToken);
        CardRules.CheckStreaming(_cards.CardOf(stored.Agent, isExtended: false));
        if (after is null)
        {
            TaskStates.Check(stored.Task.Status.State, TaskOperation.Subscribe);
        }
        else if (after < 0 || after > stored.Number)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The task has no event of this number.");
        }

        using var lease = await GuardedAsync(() => _tasks.LeaseAsync(stored.Id, stored.Owner, cancellationToken)) ?? throw OpenTasks.Unknown();
        if (after is null)
        {
            yield return new TaskEvent(stored.Number, new StreamResponse { Task = stored.Task });
        }

        await foreach (var one in lease.Task.FollowAsync(after ?? stored.Number, cancellationToken))
        {
            yield return one;
        }
    }

    /// <inheritdoc/>
    public Task<AgentCard> GetExtendedCardAsync(ApiCall call, GetExtendedAgentCardRequest request, CancellationToken cancellationToken)
    {
        var agent = _cards.Find(call.Caller, request.Tenant);
        CardRules.CheckExtended(_cards.CardOf(agent, isExtended: false));
        return System.Threading.Tasks.Task.FromResult(call.BaseUrl is { } baseUrl ? _cards.CardOf(agent, isExtended: true, baseUrl) : _cards.CardOf(agent, isExtended: true));
    }

    // Whose task it is is decided by the query; that it is another agent's is told in the same words.
    private async Task<StoredTask> FoundAsync(ApiCall call, string tenant, string id, CancellationToken cancellationToken)
    {
        var owner = TaskOwner.Of(call.Caller);
        var agent = tenant.Length > 0 ? _cards.Find(call.Caller, tenant) : (Protocol.Identity.AgentAddress?)null;
        var stored = await FoundAsync(id, owner, cancellationToken);
        return agent is null || agent == stored.Agent ? stored : throw OpenTasks.Unknown();
    }
}
