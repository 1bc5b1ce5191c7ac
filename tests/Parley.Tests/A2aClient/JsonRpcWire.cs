using System.Net;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.JsonRpc;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using V03 = Parley.Gateway.Wire.V03;

namespace Parley.Tests.A2aClient;

/// <summary>JSON-RPC for the double.</summary>
internal sealed class JsonRpcWire(A2aVersion version) : IDoubleWire
{
    private string _id = "null";

    private bool IsOld => version == A2aVersion.V03;

    private JsonDialect Dialect => IsOld ? JsonDialect.Kind : JsonDialect.V1;

    public (A2aOperation Operation, IMessage Request) Read(HttpMethod method, string path, byte[] body)
    {
        Assert.Equal((HttpMethod.Post, string.Empty), (method, path));
        var call = JsonRpcRequest.Parse(body, JsonLimits.Default);
        _id = call.Id;
        var operation = A2aMethods.Find(version, call.Method)!.Value;
        return (operation, operation switch
        {
            A2aOperation.SendMessage or A2aOperation.SendStreamingMessage when IsOld => RequestTranslation.ToV1(Parse<V03.SendMessageRequest>(call), new Losses()),
            A2aOperation.SendMessage or A2aOperation.SendStreamingMessage => Parse<SendMessageRequest>(call),
            A2aOperation.GetTask => Parse<GetTaskRequest>(call),
            A2aOperation.ListTasks => Parse<ListTasksRequest>(call),
            A2aOperation.CancelTask => Parse<CancelTaskRequest>(call),
            A2aOperation.SubscribeToTask => Parse<SubscribeToTaskRequest>(call),
            A2aOperation.CreatePushConfig when IsOld && Parse<V03.TaskPushNotificationConfigParams>(call) is var config => RequestTranslation.ToV1(config.TaskId, config.PushNotificationConfig, new Losses()),
            A2aOperation.CreatePushConfig => Parse<TaskPushNotificationConfig>(call),
            A2aOperation.GetPushConfig => Parse<GetTaskPushNotificationConfigRequest>(call),
            A2aOperation.ListPushConfigs => Parse<ListTaskPushNotificationConfigsRequest>(call),
            A2aOperation.DeletePushConfig => Parse<DeleteTaskPushNotificationConfigRequest>(call),
            _ => Parse<GetExtendedAgentCardRequest>(call),
        });
    }

    public HttpResponseMessage Answer(A2aOperation operation, IMessage answer) => Ok((operation, answer) switch
    {
        (_, Empty) => JsonRpcAnswer.Nothing(_id),
        (_, TaskPushNotificationConfig config) when IsOld => JsonRpcAnswer.Result(_id, Dialect, RequestTranslation.ToParams(config, new Losses())),
        (_, ListTaskPushNotificationConfigsResponse list) when IsOld => JsonRpcAnswer.Results(_id, Dialect, list.Configs.Select(config => RequestTranslation.ToParams(config, new Losses()))),
        _ => JsonRpcAnswer.Result(_id, Dialect, IsOld ? OldForm.Of(answer) : answer),
    });

    public HttpResponseMessage Stream(IReadOnlyList<IMessage> answers) =>
        A2aDouble.Events(answers.Select(answer => JsonRpcAnswer.Result(_id, Dialect, IsOld ? OldForm.Of(answer) : answer)));

    public HttpResponseMessage Refuse(ParleyException refusal) => Ok(JsonRpcAnswer.Error(_id, refusal));

    private static HttpResponseMessage Ok(ReadOnlyMemory<byte> body) => A2aDouble.Response(HttpStatusCode.OK, "application/json", body);

    private T Parse<T>(JsonRpcRequest call)
        where T : class, IMessage<T>, new() => Dialect.Parse<T>(call.Params.Span, JsonLimits.Default);
}
