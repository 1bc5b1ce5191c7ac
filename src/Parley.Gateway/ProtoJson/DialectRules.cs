using Google.Protobuf.Reflection;

namespace Parley.Gateway.ProtoJson;

/// <summary>Where the dialects differ from plain ProtoJSON, by message type.</summary>
internal static class DialectRules
{
    private const string New = "lf.a2a.v1.";
    private const string Old = "a2a.v1.";

    /// <summary>1.0: what the specification requires in every answer is written though it be empty, and drafts' wrappers around push configs are read.</summary>
    public static IReadOnlyDictionary<string, ShapeRule> V1 { get; } = new Dictionary<string, ShapeRule>
    {
        [New + "ListTasksResponse"] = new() { Always = ["tasks", "next_page_token", "page_size", "total_size"] },
        [New + "ListTaskPushNotificationConfigsResponse"] = new() { Always = ["configs"] },
        [New + "Message"] = new() { Always = ["parts"] },
        [New + "Artifact"] = new() { Always = ["parts"] },
        [New + "TaskStatus"] = new() { Always = ["state"] },
        [New + "AgentCard"] = new() { Always = ["skills", "default_input_modes", "default_output_modes", "supported_interfaces"] },
        [New + "AgentSkill"] = new() { Always = ["tags"] },
        [New + "TaskPushNotificationConfig"] = new() { Wrappers = ["pushNotificationConfig", "push_notification_config", "config"] },
    };

    /// <summary>0.3 as ProtoJSON: nothing differs but the names that the .proto file gives itself.</summary>
    public static IReadOnlyDictionary<string, ShapeRule> V03 { get; } = new Dictionary<string, ShapeRule>
    {
        [Old + "TaskStatusUpdateEvent"] = new() { Always = ["final"] },
    };

    /// <summary>0.3 as its schema has it.</summary>
    public static IReadOnlyDictionary<string, ShapeRule> Kind { get; } = new Dictionary<string, ShapeRule>
    {
        [Old + "Part"] = new() { CaseName = "kind" },
        [Old + "FilePart"] = new() { Names = Names(("file_with_uri", "uri"), ("file_with_bytes", "bytes")) },
        [Old + "DataPart"] = new() { IsTransparent = true },
        [Old + "Message"] = new() { Constant = KindIs("message"), Names = Names(("content", "parts")), Always = ["content"] },
        [Old + "Artifact"] = new() { Always = ["parts"] },
        [Old + "Task"] = new() { Constant = KindIs("task") },
        [Old + "TaskStatus"] = new() { Always = ["state"] },
        [Old + "TaskStatusUpdateEvent"] = new() { Constant = KindIs("status-update"), Always = ["final"] },
        [Old + "TaskArtifactUpdateEvent"] = new() { Constant = KindIs("artifact-update") },
        [Old + "StreamResponse"] = new() { UnionBy = "kind" },
        [Old + "SendMessageResponse"] = new() { UnionBy = "kind" },
        // Said even when false: some servers take its absence for true.
        [Old + "SendMessageConfiguration"] = new() { Names = Names(("push_notification", "pushNotificationConfig")), Always = ["blocking"] },
        [Old + "AgentCard"] = new() { Always = ["skills", "default_input_modes", "default_output_modes"] },
        [Old + "AgentSkill"] = new() { Always = ["tags"] },
        [Old + "StringList"] = new() { IsTransparent = true },
        [Old + "Security"] = new() { IsTransparent = true },
        [Old + "SecurityScheme"] = new() { UnionBy = "type" },
        [Old + "APIKeySecurityScheme"] = new() { Constant = TypeIs("apiKey"), Names = Names(("location", "in")) },
        [Old + "HTTPAuthSecurityScheme"] = new() { Constant = TypeIs("http") },
        [Old + "OAuth2SecurityScheme"] = new() { Constant = TypeIs("oauth2") },
        [Old + "OpenIdConnectSecurityScheme"] = new() { Constant = TypeIs("openIdConnect") },
        [Old + "MutualTlsSecurityScheme"] = new() { Constant = TypeIs("mutualTLS") },

        // Requests that only name things are read as 1.0's: a task is its id there too, and a push config has two ids.
        [New + "GetTaskPushNotificationConfigRequest"] = PushQuery,
        [New + "DeleteTaskPushNotificationConfigRequest"] = PushQuery,
        [New + "ListTaskPushNotificationConfigsRequest"] = new() { Names = Names(("task_id", "id")) },
    };

    private static ShapeRule PushQuery => new() { Names = Names(("task_id", "id"), ("id", "pushNotificationConfigId")) };

    /// <summary>How the schema of 0.3 spells an enum's value: TASK_STATE_INPUT_REQUIRED is input-required.</summary>
    public static string KindName(EnumValueDescriptor value)
    {
        if (value.Number == 0)
        {
            return "unknown";
        }

        var prefix = value.EnumDescriptor.Name == "TaskState" ? "TASK_STATE_" : "ROLE_";
        return value.Name == "TASK_STATE_CANCELLED" ? "canceled" : value.Name[prefix.Length..].ToLowerInvariant().Replace('_', '-');
    }

    private static Dictionary<string, string> Names(params (string Field, string Json)[] names) => names.ToDictionary(pair => pair.Field, pair => pair.Json);

    private static KeyValuePair<string, string> KindIs(string value) => new("kind", value);

    private static KeyValuePair<string, string> TypeIs(string value) => new("type", value);
}
