using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi.Tasks.Push;
using Parley.Hub.AgentApi.Tasks.Stored;
using Parley.Protocol.Errors;

namespace Parley.Hub.AgentApi.Tasks;

internal sealed partial class TaskService
{
    /// <inheritdoc/>
    public async Task<TaskPushNotificationConfig> CreatePushConfigAsync(ApiCall call, TaskPushNotificationConfig config, CancellationToken cancellationToken)
    {
        var stored = await PushTaskAsync(call, config.Tenant, config.TaskId, cancellationToken);
        PushConfigs.Check(config, _outbound);
        var own = PushConfigs.Of(config, stored.Id, _tasks.NewId);
        using var lease = await GuardedAsync(() => _tasks.LeaseAsync(stored.Id, stored.Owner, cancellationToken)) ?? throw OpenTasks.Unknown();
        switch (await GuardedAsync(() => _tasks.Store.SetPushAsync(new StoredPush(stored.Id, 0, call.Version, own), _tasks.Options.MaxPushConfigs)))
        {
            case null:
                throw OpenTasks.Unknown();
            case false:
                throw new ParleyException(ErrorCode.RateLimited, $"A task has at most {_tasks.Options.MaxPushConfigs} push configs.");
            default:
                _tasks.HasPushes(lease.Task);
                return own;
        }
    }

    /// <inheritdoc/>
    public async Task<TaskPushNotificationConfig> GetPushConfigAsync(ApiCall call, GetTaskPushNotificationConfigRequest request, CancellationToken cancellationToken)
    {
        var stored = await PushTaskAsync(call, request.Tenant, request.TaskId, cancellationToken);
        var all = await GuardedAsync(() => _reader.PushesAsync(stored.Id, cancellationToken));
        var found = request.Id.Length == 0 && all.Count == 1 ? all[0] : all.FirstOrDefault(push => push.Config.Id == request.Id);
        return found?.Config ?? throw new ParleyException(ErrorCode.TaskUnknown, "The task has no such push config.");
    }

    /// <inheritdoc/>
    public async Task<ListTaskPushNotificationConfigsResponse> ListPushConfigsAsync(ApiCall call, ListTaskPushNotificationConfigsRequest request, CancellationToken cancellationToken)
    {
        var stored = await PushTaskAsync(call, request.Tenant, request.TaskId, cancellationToken);
        var all = await GuardedAsync(() => _reader.PushesAsync(stored.Id, cancellationToken));
        return PushConfigs.Page([.. all.Select(push => push.Config)], request.PageSize, request.PageToken);
    }

    /// <inheritdoc/>
    public async System.Threading.Tasks.Task DeletePushConfigAsync(ApiCall call, DeleteTaskPushNotificationConfigRequest request, CancellationToken cancellationToken)
    {
        var stored = await PushTaskAsync(call, request.Tenant, request.TaskId, cancellationToken);
        await GuardedAsync(() => _tasks.Store.DeletePushAsync(stored.Id, request.Id));
    }

    private async Task<StoredTask> PushTaskAsync(ApiCall call, string tenant, string id, CancellationToken cancellationToken)
    {
        var stored = await FoundAsync(call, tenant, id, cancellationToken);
        CardRules.CheckPush(_cards.CardOf(stored.Agent, isExtended: false));
        return stored;
    }
}
