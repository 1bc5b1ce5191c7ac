using V03 = Parley.Gateway.Wire.V03;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Gateway.A2a.Translation;

/// <summary>Requests and push configs between 0.3 and 1.0.</summary>
public static class RequestTranslation
{
    /// <summary>A send to 1.0. Waiting was asked for by <c>blocking</c>; without it nobody waits, which 1.0 must be told.</summary>
    public static V1.SendMessageRequest ToV1(V03.SendMessageRequest request, Losses losses)
    {
        var configuration = request.Configuration ?? new V03.SendMessageConfiguration();
        var result = new V1.SendMessageRequest
        {
            Message = request.Request is { } message ? TaskTranslation.ToV1(message, losses) : null,
            Metadata = request.Metadata,
            Configuration = new V1.SendMessageConfiguration
            {
                AcceptedOutputModes = { configuration.AcceptedOutputModes },
                ReturnImmediately = !configuration.Blocking,
                TaskPushNotificationConfig = configuration.PushNotification is { } push ? ToV1(string.Empty, push, losses) : null,
            },
        };
        if (configuration.HasHistoryLength)
        {
            result.Configuration.HistoryLength = configuration.HistoryLength;
        }

        return result;
    }

    /// <summary>A send to 0.3. A tenant has no place in it: there the address names the agent.</summary>
    public static V03.SendMessageRequest ToV03(V1.SendMessageRequest request, Losses losses)
    {
        losses.AddIf(request.Tenant.Length > 0, "tenant");
        var configuration = request.Configuration ?? new V1.SendMessageConfiguration();
        var result = new V03.SendMessageRequest
        {
            Request = request.Message is { } message ? TaskTranslation.ToV03(message, losses) : null,
            Metadata = request.Metadata,
            Configuration = new V03.SendMessageConfiguration
            {
                AcceptedOutputModes = { configuration.AcceptedOutputModes },
                Blocking = !configuration.ReturnImmediately,
                PushNotification = configuration.TaskPushNotificationConfig is { } push ? ToV03(push, losses) : null,
            },
        };
        if (configuration.HasHistoryLength)
        {
            result.Configuration.HistoryLength = configuration.HistoryLength;
        }

        return result;
    }

    /// <summary>A push config to 1.0. Of several schemes the first is kept: 1.0 has one.</summary>
    public static V1.TaskPushNotificationConfig ToV1(string taskId, V03.PushNotificationConfig config, Losses losses)
    {
        losses.AddIf(config.Authentication?.Schemes.Count > 1, "pushNotificationConfig.authentication.schemes beyond the first");
        return new()
        {
            Id = config.Id,
            TaskId = taskId,
            Url = config.Url,
            Token = config.Token,
            Authentication = config.Authentication is { } authentication
                ? new V1.AuthenticationInfo { Scheme = authentication.Schemes.FirstOrDefault() ?? string.Empty, Credentials = authentication.Credentials }
                : null,
        };
    }

    /// <summary>The inner part of a push config to 0.3; the task's id stands around it there.</summary>
    public static V03.PushNotificationConfig ToV03(V1.TaskPushNotificationConfig config, Losses losses)
    {
        losses.AddIf(config.Tenant.Length > 0, "tenant");
        var result = new V03.PushNotificationConfig { Id = config.Id, Url = config.Url, Token = config.Token };
        if (config.Authentication is { } authentication)
        {
            result.Authentication = new V03.AuthenticationInfo { Credentials = authentication.Credentials };
            if (authentication.Scheme.Length > 0)
            {
                result.Authentication.Schemes.Add(authentication.Scheme);
            }
        }

        return result;
    }

    /// <summary>A push config as 0.3's gRPC names it, to 1.0.</summary>
    public static V1.TaskPushNotificationConfig ToV1(V03.TaskPushNotificationConfig config, Losses losses)
    {
        var (task, id) = ResourceName.ReadConfig(config.Name);
        var result = ToV1(task, config.PushNotificationConfig ?? new V03.PushNotificationConfig(), losses);
        result.Id = result.Id.Length > 0 ? result.Id : id;
        return result;
    }

    /// <summary>A push config to what 0.3's gRPC answers.</summary>
    public static V03.TaskPushNotificationConfig ToNamed(V1.TaskPushNotificationConfig config, Losses losses) =>
        new() { Name = ResourceName.OfConfig(config.TaskId, config.Id), PushNotificationConfig = ToV03(config, losses) };

    /// <summary>A push config to what 0.3's JSON-RPC takes and answers.</summary>
    public static V03.TaskPushNotificationConfigParams ToParams(V1.TaskPushNotificationConfig config, Losses losses) =>
        new() { TaskId = config.TaskId, PushNotificationConfig = ToV03(config, losses) };

    /// <summary>The creation of a push config on 0.3's gRPC to 1.0.</summary>
    public static V1.TaskPushNotificationConfig ToV1(V03.CreateTaskPushNotificationConfigRequest request, Losses losses)
    {
        var (task, _) = ResourceName.ReadConfig(request.Parent);
        var result = ToV1(task, request.Config?.PushNotificationConfig ?? new V03.PushNotificationConfig(), losses);
        result.Id = result.Id.Length > 0 ? result.Id : request.ConfigId;
        return result;
    }

    /// <summary>A task by its name to 1.0.</summary>
    public static V1.GetTaskRequest ToV1(V03.GetTaskRequest request)
    {
        var result = new V1.GetTaskRequest { Id = ResourceName.ReadTask(request.Name) };
        if (request.HasHistoryLength)
        {
            result.HistoryLength = request.HistoryLength;
        }

        return result;
    }

    /// <summary>A cancellation by name to 1.0.</summary>
    public static V1.CancelTaskRequest ToV1(V03.CancelTaskRequest request) => new() { Id = ResourceName.ReadTask(request.Name) };

    /// <summary>A subscription by name to 1.0.</summary>
    public static V1.SubscribeToTaskRequest ToV1(V03.TaskSubscriptionRequest request) => new() { Id = ResourceName.ReadTask(request.Name) };

    /// <summary>A push config by its name to 1.0.</summary>
    public static V1.GetTaskPushNotificationConfigRequest ToV1(V03.GetTaskPushNotificationConfigRequest request)
    {
        var (task, id) = ResourceName.ReadConfig(request.Name);
        return new() { TaskId = task, Id = id };
    }

    /// <summary>The deletion of a push config by its name to 1.0.</summary>
    public static V1.DeleteTaskPushNotificationConfigRequest ToV1(V03.DeleteTaskPushNotificationConfigRequest request)
    {
        var (task, id) = ResourceName.ReadConfig(request.Name);
        return new() { TaskId = task, Id = id };
    }

    /// <summary>The list of a task's push configs to 1.0.</summary>
    public static V1.ListTaskPushNotificationConfigsRequest ToV1(V03.ListTaskPushNotificationConfigRequest request) =>
        new() { TaskId = ResourceName.ReadConfig(request.Parent).Task, PageSize = request.PageSize, PageToken = request.PageToken };
}
