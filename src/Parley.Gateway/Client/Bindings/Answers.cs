using Parley.Gateway.A2a.Translation;
using Parley.Gateway.ProtoJson;
using V03 = Parley.Gateway.Wire.V03;
using V1 = Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Client.Bindings;

/// <summary>Answers of both versions as 1.0 has them, refused where they say nothing. What a translation loses of an answer is nothing that a caller could act on.</summary>
internal static class Answers
{
    /// <summary>Refuses an answer to a send that is neither a task nor a message.</summary>
    public static V1.SendMessageResponse Checked(V1.SendMessageResponse response) => response.PayloadCase switch
    {
        V1.SendMessageResponse.PayloadOneofCase.Task => new V1.SendMessageResponse { Task = Checked(response.Task) },
        V1.SendMessageResponse.PayloadOneofCase.Message => response,
        _ => throw Failures.Empty("task and no message"),
    };

    /// <summary>Refuses a task without an id.</summary>
    public static V1.Task Checked(V1.Task task) => task.Id.Length > 0 ? task : throw Failures.Empty("task id");

    /// <summary>An answer to a send of 0.3.</summary>
    public static V1.SendMessageResponse FromV03(V03.SendMessageResponse response) => Checked(TaskTranslation.ToV1(response, new Losses()));

    /// <summary>A task of 0.3.</summary>
    public static V1.Task FromV03(V03.Task task) => Checked(TaskTranslation.ToV1(task, new Losses()));

    /// <summary>An event of 0.3.</summary>
    public static V1.StreamResponse FromV03(V03.StreamResponse response) => TaskTranslation.ToV1(response, new Losses());

    /// <summary>A push config of 0.3's JSON-RPC.</summary>
    public static V1.TaskPushNotificationConfig FromV03(V03.TaskPushNotificationConfigParams config) =>
        RequestTranslation.ToV1(config.TaskId, config.PushNotificationConfig ?? new V03.PushNotificationConfig(), new Losses());

    /// <summary>A push config of 0.3's gRPC and REST, which names it by a path.</summary>
    public static V1.TaskPushNotificationConfig FromV03(V03.TaskPushNotificationConfig config)
    {
        try
        {
            return RequestTranslation.ToV1(config, new Losses());
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.InvalidArgument)
        {
            throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent's push config has a name that is no path.", exception);
        }
    }

    /// <summary>A list of push configs of 0.3's gRPC and REST.</summary>
    public static V1.ListTaskPushNotificationConfigsResponse FromV03(V03.ListTaskPushNotificationConfigResponse response) =>
        new() { Configs = { response.Configs.Select(FromV03) }, NextPageToken = response.NextPageToken };

    /// <summary>A card of 0.3.</summary>
    public static V1.AgentCard FromV03(V03.AgentCard card) => CardTranslation.ToV1(card, new Losses());

    /// <summary>0.3 cannot list tasks.</summary>
    public static ParleyException NoList() => new(ErrorCode.OperationNotSupported, "A2A 0.3 cannot list tasks.");

    /// <summary>The dialect of an answer of 0.3's REST: most servers write ProtoJSON, some the form with "kind".</summary>
    public static JsonDialect DialectOf(ReadOnlyMemory<byte> json, JsonLimits limits)
    {
        using var document = Failures.Document(json, limits);
        return document.RootElement.ValueKind == System.Text.Json.JsonValueKind.Object && document.RootElement.TryGetProperty("kind", out _) ? JsonDialect.Kind : JsonDialect.V03;
    }
}
