using Parley.Gateway.Wire.V1;
using Parley.Hub.Outbound;
using Parley.Protocol.Errors;

namespace Parley.Hub.AgentApi.Tasks.Push;

/// <summary>The rules of push configs. Pure.</summary>
internal static class PushConfigs
{
    private const int MaxText = 4096;
    private const int MaxPageSize = 100;

    /// <summary>A config of a task, with an id; the tenant is not kept.</summary>
    public static TaskPushNotificationConfig Of(TaskPushNotificationConfig config, string taskId, Func<string> newId)
    {
        var own = config.Clone();
        own.TaskId = taskId;
        own.Tenant = string.Empty;
        own.Id = own.Id.Length > 0 ? own.Id : newId();
        return own;
    }

    /// <summary>Refuses what cannot go into a header or has no end, and an address that is never called.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.OutboundRefused"/>.</exception>
    public static void Check(TaskPushNotificationConfig config, OutboundPolicy policy)
    {
        CheckText(config.Id, "id");
        CheckText(config.Url, "url");
        CheckText(config.Token, "token");
        CheckText(config.Authentication?.Scheme ?? string.Empty, "authentication.scheme");
        CheckText(config.Authentication?.Credentials ?? string.Empty, "authentication.credentials");
        OutboundUrl.Check(Uri.TryCreate(config.Url, UriKind.Absolute, out var url) ? url : null, policy);
    }

    /// <summary>A page of configs, in the order of their ids; its token is the last id of the page before.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static ListTaskPushNotificationConfigsResponse Page(IReadOnlyList<TaskPushNotificationConfig> all, int pageSize, string pageToken)
    {
        if (pageSize is < 0 or > MaxPageSize)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"A page has 1 to {MaxPageSize} push configs.") { Field = "pageSize" };
        }

        if (pageToken.Length > 0 && !all.Any(config => config.Id == pageToken))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The page token is none of this list's: begin again without one.") { Field = "pageToken" };
        }

        var rest = all.Where(config => string.CompareOrdinal(config.Id, pageToken) > 0).ToList();
        var page = new ListTaskPushNotificationConfigsResponse { Configs = { rest.Take(pageSize == 0 ? MaxPageSize : pageSize) } };
        page.NextPageToken = page.Configs.Count < rest.Count ? page.Configs[^1].Id : string.Empty;
        return page;
    }

    private static void CheckText(string text, string field)
    {
        if (text.Length > MaxText || text.Any(character => char.IsControl(character)))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"The {field} of a push config has at most {MaxText} characters, none of them a control character.") { Field = field };
        }
    }
}
