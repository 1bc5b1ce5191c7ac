using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http.A2a;

/// <summary>The requests of the operations: made from a body, and from what an address says.</summary>
internal static class A2aRequests
{
    private const string TenantField = "tenant";

    /// <summary>Reads the request of an operation.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.JsonInvalid"/>, <see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static IMessage Read(A2aForm form, A2aOperation operation, ReadOnlySpan<byte> json, Losses losses) => operation switch
    {
        A2aOperation.SendMessage or A2aOperation.SendStreamingMessage => form.ReadSend(json, losses),
        A2aOperation.GetTask => form.Read<GetTaskRequest>(json),
        A2aOperation.ListTasks => form.Read<ListTasksRequest>(json),
        A2aOperation.CancelTask => form.Read<CancelTaskRequest>(json),
        A2aOperation.SubscribeToTask => form.Read<SubscribeToTaskRequest>(json),
        A2aOperation.CreatePushConfig => form.ReadPushConfig(json, losses),
        A2aOperation.GetPushConfig => form.Read<GetTaskPushNotificationConfigRequest>(json),
        A2aOperation.ListPushConfigs => form.Read<ListTaskPushNotificationConfigsRequest>(json),
        A2aOperation.DeletePushConfig => form.Read<DeleteTaskPushNotificationConfigRequest>(json),
        A2aOperation.GetExtendedCard => form.Read<GetExtendedAgentCardRequest>(json),
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };

    /// <summary>A request without a body.</summary>
    public static IMessage Empty(A2aOperation operation) => Read(A2aForm.V1, operation, "{}"u8, new Losses());

    /// <summary>The agent that a request names; empty for none.</summary>
    public static string TenantOf(IMessage request) => (string)Field(request, TenantField).Accessor.GetValue(request);

    /// <summary>Names the agent.</summary>
    public static void SetTenant(IMessage request, string agent) => Field(request, TenantField).Accessor.SetValue(request, agent);

    /// <summary>Whether a request names a task that exists.</summary>
    public static bool NamesTask(IMessage request) => request switch
    {
        SendMessageRequest send => send.Message?.TaskId.Length > 0,
        ListTasksRequest or GetExtendedAgentCardRequest => false,
        _ => true,
    };

    /// <summary>Sets what the path names. A body that names something else is a mistake that nobody should have to find.</summary>
    /// <param name="request">The request.</param>
    /// <param name="field">The name of the field in the .proto file.</param>
    /// <param name="value">What stands in the path.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static void SetFromPath(IMessage request, string field, string value)
    {
        var target = Field(request, field);
        if (target.Accessor.GetValue(request) is string { Length: > 0 } other && other != value)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The path and the body name different things.") { Field = target.JsonName };
        }

        target.Accessor.SetValue(request, value);
    }

    /// <summary>Which of 0.3's two forms of REST a body is in: <c>kind</c> and <c>parts</c>, or ProtoJSON. Without a telling member it is ProtoJSON, as for requests without a body.</summary>
    public static A2aForm FormOf(A2aOperation operation, ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonLimits.Default.MaxDepth });
            return operation switch
            {
                A2aOperation.SendMessage or A2aOperation.SendStreamingMessage => FindMember(ref reader, "message", "request") && FindMember(ref reader, "kind", "parts"),
                A2aOperation.CreatePushConfig => FindMember(ref reader, "taskId", "task_id"),
                _ => false,
            } ? A2aForm.Kind : A2aForm.Proto03;
        }
        catch (JsonException)
        {
            // It is refused where it is parsed.
            return A2aForm.Proto03;
        }
    }

    // Leaves the reader before the member's value.
    private static bool FindMember(ref Utf8JsonReader reader, string name, string other)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(name) || reader.ValueTextEquals(other))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static FieldDescriptor Field(IMessage request, string name) => request.Descriptor.FindFieldByName(name);
}
