using System.Buffers.Binary;
using System.Net;
using Google.Protobuf;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;
using V03 = Parley.Gateway.Wire.V03;

namespace Parley.Tests.A2aClient;

/// <summary>gRPC for the double.</summary>
internal sealed class GrpcWire(A2aVersion version) : IDoubleWire
{
    private bool IsOld => version == A2aVersion.V03;

    public (A2aOperation Operation, IMessage Request) Read(HttpMethod method, string path, byte[] body)
    {
        var service = IsOld ? A2aMethods.V03Service : A2aMethods.V1Service;
        Assert.StartsWith($"/{service}/", path, StringComparison.Ordinal);
        var operation = A2aMethods.FindGrpc(version, path[(service.Length + 2)..])!.Value;
        var bytes = body.AsSpan(GrpcLimits.PrefixBytes).ToArray();
        return (operation, operation switch
        {
            A2aOperation.SendMessage or A2aOperation.SendStreamingMessage => IsOld ? RequestTranslation.ToV1(V03.SendMessageRequest.Parser.ParseFrom(bytes), new Losses()) : SendMessageRequest.Parser.ParseFrom(bytes),
            A2aOperation.GetTask => IsOld ? RequestTranslation.ToV1(V03.GetTaskRequest.Parser.ParseFrom(bytes)) : GetTaskRequest.Parser.ParseFrom(bytes),
            A2aOperation.ListTasks => ListTasksRequest.Parser.ParseFrom(bytes),
            A2aOperation.CancelTask => IsOld ? RequestTranslation.ToV1(V03.CancelTaskRequest.Parser.ParseFrom(bytes)) : CancelTaskRequest.Parser.ParseFrom(bytes),
            A2aOperation.SubscribeToTask => IsOld ? RequestTranslation.ToV1(V03.TaskSubscriptionRequest.Parser.ParseFrom(bytes)) : SubscribeToTaskRequest.Parser.ParseFrom(bytes),
            A2aOperation.CreatePushConfig => IsOld
                ? RequestTranslation.ToV1(V03.CreateTaskPushNotificationConfigRequest.Parser.ParseFrom(bytes), new Losses())
                : TaskPushNotificationConfig.Parser.ParseFrom(bytes),
            A2aOperation.GetPushConfig => IsOld ? RequestTranslation.ToV1(V03.GetTaskPushNotificationConfigRequest.Parser.ParseFrom(bytes)) : GetTaskPushNotificationConfigRequest.Parser.ParseFrom(bytes),
            A2aOperation.ListPushConfigs => IsOld ? RequestTranslation.ToV1(V03.ListTaskPushNotificationConfigRequest.Parser.ParseFrom(bytes)) : ListTaskPushNotificationConfigsRequest.Parser.ParseFrom(bytes),
            A2aOperation.DeletePushConfig => IsOld ? RequestTranslation.ToV1(V03.DeleteTaskPushNotificationConfigRequest.Parser.ParseFrom(bytes)) : DeleteTaskPushNotificationConfigRequest.Parser.ParseFrom(bytes),
            _ => IsOld ? new GetExtendedAgentCardRequest() : GetExtendedAgentCardRequest.Parser.ParseFrom(bytes),
        });
    }

    public HttpResponseMessage Answer(A2aOperation operation, IMessage answer) => Stream([answer]);

    public HttpResponseMessage Stream(IReadOnlyList<IMessage> answers)
    {
        var response = A2aDouble.Response(HttpStatusCode.OK, "application/grpc", answers.SelectMany(answer => Frame(IsOld ? OldForm.Of(answer) : answer)).ToArray());
        response.TrailingHeaders.Add("grpc-status", "0");
        return response;
    }

    public HttpResponseMessage Refuse(ParleyException refusal)
    {
        var status = A2aErrors.ToGrpc(refusal);
        var response = A2aDouble.Response(HttpStatusCode.OK, "application/grpc", ReadOnlyMemory<byte>.Empty);
        response.Headers.Add("grpc-status", ((int)status.Code).ToString());
        response.Headers.TryAddWithoutValidation("grpc-message", Uri.EscapeDataString(status.Detail));
        response.Headers.Add("grpc-status-details-bin", GrpcMetadata.EncodeBytes(status.Details.Span));
        return response;
    }

    private static byte[] Frame(IMessage message)
    {
        var frame = new byte[GrpcLimits.PrefixBytes + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.CalculateSize());
        message.ToByteArray().CopyTo(frame, GrpcLimits.PrefixBytes);
        return frame;
    }
}
