using System.Net;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using V03 = Parley.Gateway.Wire.V03;

namespace Parley.Tests.A2aClient;

/// <summary>REST for the double.</summary>
internal sealed class RestWire(A2aVersion version) : IDoubleWire
{
    private bool IsOld => version == A2aVersion.V03;

    private JsonDialect Dialect => IsOld ? JsonDialect.V03 : JsonDialect.V1;

    public (A2aOperation Operation, IMessage Request) Read(HttpMethod method, string path, byte[] body)
    {
        var (route, query) = path.Split('?') is [var left, var right] ? (left, right) : (path, string.Empty);
        route = !IsOld ? route : route.StartsWith("/v1/", StringComparison.Ordinal) ? route[3..] : throw new InvalidOperationException(path);
        var parts = route.Split('/')[1..].Select(Uri.UnescapeDataString).ToArray();
        var tenant = IsOld || parts[0] is "tasks" or "message:send" or "message:stream" or "extendedAgentCard" ? string.Empty : parts[0];
        parts = tenant.Length > 0 ? parts[1..] : parts;
        return (method.Method, parts) switch
        {
            ("POST", ["message:send"]) => (A2aOperation.SendMessage, Send(body)),
            ("POST", ["message:stream"]) => (A2aOperation.SendStreamingMessage, Send(body)),
            ("GET", ["tasks"]) => (A2aOperation.ListTasks, WithQuery(new ListTasksRequest { Tenant = tenant }, query)),
            ("POST", ["tasks", var task]) when task.EndsWith(":cancel", StringComparison.Ordinal) => (A2aOperation.CancelTask, Cancel(task[..^7], body)),
            (_, ["tasks", var task]) when task.EndsWith(":subscribe", StringComparison.Ordinal) && method == (IsOld ? HttpMethod.Post : HttpMethod.Get) =>
                (A2aOperation.SubscribeToTask, new SubscribeToTaskRequest { Tenant = tenant, Id = task[..^10] }),
            ("GET", ["tasks", var task]) => (A2aOperation.GetTask, WithQuery(new GetTaskRequest { Tenant = tenant, Id = task }, query)),
            ("POST", ["tasks", var task, "pushNotificationConfigs"]) => (A2aOperation.CreatePushConfig, Config(task, body)),
            ("GET", ["tasks", var task, "pushNotificationConfigs"]) => (A2aOperation.ListPushConfigs, WithQuery(new ListTaskPushNotificationConfigsRequest { Tenant = tenant, TaskId = task }, query)),
            ("GET", ["tasks", var task, "pushNotificationConfigs", var id]) => (A2aOperation.GetPushConfig, new GetTaskPushNotificationConfigRequest { Tenant = tenant, TaskId = task, Id = id }),
            ("DELETE", ["tasks", var task, "pushNotificationConfigs", var id]) => (A2aOperation.DeletePushConfig, new DeleteTaskPushNotificationConfigRequest { Tenant = tenant, TaskId = task, Id = id }),
            ("GET", [var card]) when card == (IsOld ? "card" : "extendedAgentCard") => (A2aOperation.GetExtendedCard, new GetExtendedAgentCardRequest { Tenant = tenant }),
            _ => throw new InvalidOperationException($"{method} {path}"),
        };
    }

    public HttpResponseMessage Answer(A2aOperation operation, IMessage answer) => answer is Empty
        ? new HttpResponseMessage(HttpStatusCode.NoContent)
        : A2aDouble.Response(HttpStatusCode.OK, IsOld ? "application/json" : "application/a2a+json", Bytes(answer));

    public HttpResponseMessage Stream(IReadOnlyList<IMessage> answers) => A2aDouble.Events(answers.Select(Bytes));

    public HttpResponseMessage Refuse(ParleyException refusal) =>
        A2aDouble.Response((HttpStatusCode)A2aErrorRow.Of(refusal.Code).Http, "application/json", A2aErrors.ToRest(refusal));

    private static T WithQuery<T>(T message, string query)
        where T : IMessage
    {
        var pairs = query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], Uri.UnescapeDataString(pair[1])));
        JsonDialect.V1.ReadQuery(message, pairs);
        return message;
    }

    private ReadOnlyMemory<byte> Bytes(IMessage answer) => Dialect.ToBytes(IsOld ? OldForm.Of(answer) : answer);

    private SendMessageRequest Send(byte[] body) => IsOld
        ? RequestTranslation.ToV1(Dialect.Parse<V03.SendMessageRequest>(body, JsonLimits.Default), new Losses())
        : Dialect.Parse<SendMessageRequest>(body, JsonLimits.Default);

    private CancelTaskRequest Cancel(string task, byte[] body)
    {
        var request = IsOld ? RequestTranslation.ToV1(Dialect.Parse<V03.CancelTaskRequest>(body, JsonLimits.Default)) : Dialect.Parse<CancelTaskRequest>(body, JsonLimits.Default);
        Assert.Equal(task, request.Id);
        return request;
    }

    private TaskPushNotificationConfig Config(string task, byte[] body)
    {
        var config = IsOld
            ? RequestTranslation.ToV1(Dialect.Parse<V03.CreateTaskPushNotificationConfigRequest>(body, JsonLimits.Default), new Losses())
            : Dialect.Parse<TaskPushNotificationConfig>(body, JsonLimits.Default);
        Assert.Equal(task, config.TaskId);
        return config;
    }
}
