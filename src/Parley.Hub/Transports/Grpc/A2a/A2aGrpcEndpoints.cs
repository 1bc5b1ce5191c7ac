using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.Wire.V1;
using Parley.Hub.Identity;
using Parley.Hub.Transports.Http;
using Parley.Protocol.Grpc;
using Role = Parley.Hub.Identity.Role;
using V03 = Parley.Gateway.Wire.V03;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Hub.Transports.Grpc.A2a;

/// <summary>The gRPC services of A2A: <c>lf.a2a.v1.A2AService</c> of 1.0, and <c>a2a.v1.A2AService</c> of 0.3 beside it, which is translated. docs/protocol/a2a.md says how an agent is named.</summary>
internal sealed class A2aGrpcEndpoints(A2aGrpcCalls calls)
{
    private static readonly GrpcServerOptions _options = new() { MaxReceiveBytes = 16 * 1024 * 1024, MaxSendBytes = 64 * 1024 * 1024, ToStatus = A2aErrors.ToGrpc, AreHeadersHeld = true };

    // A refusal before the method runs, such as that of a key, is a status like all others; what is no gRPC at all gets the answer of /api.
    private static readonly RefusalForm _refusals = new((context, refusal) =>
    {
        if (!GrpcHeaders.IsGrpc(context.Request.ContentType))
        {
            return ApiErrors.WriteAsync(context, refusal);
        }

        context.Response.Clear();
        GrpcResponse.End(context, A2aErrors.ToGrpc(refusal), trailers: null, hasBody: false);
        return System.Threading.Tasks.Task.CompletedTask;
    });

    /// <summary>Maps both services.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        MapNew(routes);
        MapOld(routes);
    }

    private void MapNew(IEndpointRouteBuilder routes)
    {
        Unary<SendMessageRequest, SendMessageResponse>("SendMessage", A2aOperation.SendMessage);
        Unary<GetTaskRequest, V1.Task>("GetTask", A2aOperation.GetTask);
        Unary<ListTasksRequest, ListTasksResponse>("ListTasks", A2aOperation.ListTasks);
        Unary<CancelTaskRequest, V1.Task>("CancelTask", A2aOperation.CancelTask);
        Unary<TaskPushNotificationConfig, TaskPushNotificationConfig>("CreateTaskPushNotificationConfig", A2aOperation.CreatePushConfig);
        Unary<GetTaskPushNotificationConfigRequest, TaskPushNotificationConfig>("GetTaskPushNotificationConfig", A2aOperation.GetPushConfig);
        Unary<ListTaskPushNotificationConfigsRequest, ListTaskPushNotificationConfigsResponse>("ListTaskPushNotificationConfigs", A2aOperation.ListPushConfigs);
        Unary<DeleteTaskPushNotificationConfigRequest, Empty>("DeleteTaskPushNotificationConfig", A2aOperation.DeletePushConfig);
        Unary<GetExtendedAgentCardRequest, AgentCard>("GetExtendedAgentCard", A2aOperation.GetExtendedCard);
        Stream<SendMessageRequest>("SendStreamingMessage");
        Stream<SubscribeToTaskRequest>("SubscribeToTask");

        void Unary<TRequest, TResponse>(string method, A2aOperation operation)
            where TRequest : class, IMessage<TRequest>, new()
            where TResponse : class, IMessage<TResponse>, new() =>
            Guard(routes.MapGrpcUnary<TRequest, TResponse>(
                $"/{A2aMethods.V1Service}/{method}", async (request, call) => (TResponse?)await calls.RunAsync(call, A2aVersion.V1, operation, request) ?? new TResponse(), _options));

        void Stream<TRequest>(string method)
            where TRequest : class, IMessage<TRequest>, new() =>
            Guard(routes.MapGrpcServerStreaming<TRequest, StreamResponse>($"/{A2aMethods.V1Service}/{method}", (request, call) => calls.StreamAsync(call, A2aVersion.V1, request), _options));
    }

    private void MapOld(IEndpointRouteBuilder routes)
    {
        Unary<V03.SendMessageRequest, SendMessageResponse, V03.SendMessageResponse>("SendMessage", A2aOperation.SendMessage, RequestTranslation.ToV1, TaskTranslation.ToV03);
        Unary<V03.GetTaskRequest, V1.Task, V03.Task>("GetTask", A2aOperation.GetTask, (request, _) => RequestTranslation.ToV1(request), TaskTranslation.ToV03);
        Unary<V03.CancelTaskRequest, V1.Task, V03.Task>("CancelTask", A2aOperation.CancelTask, (request, _) => RequestTranslation.ToV1(request), TaskTranslation.ToV03);
        Unary<V03.CreateTaskPushNotificationConfigRequest, TaskPushNotificationConfig, V03.TaskPushNotificationConfig>(
            "CreateTaskPushNotificationConfig", A2aOperation.CreatePushConfig, RequestTranslation.ToV1, RequestTranslation.ToNamed);
        Unary<V03.GetTaskPushNotificationConfigRequest, TaskPushNotificationConfig, V03.TaskPushNotificationConfig>(
            "GetTaskPushNotificationConfig", A2aOperation.GetPushConfig, (request, _) => RequestTranslation.ToV1(request), RequestTranslation.ToNamed);
        Unary<V03.ListTaskPushNotificationConfigRequest, ListTaskPushNotificationConfigsResponse, V03.ListTaskPushNotificationConfigResponse>(
            "ListTaskPushNotificationConfig", A2aOperation.ListPushConfigs, (request, _) => RequestTranslation.ToV1(request), ToV03);
        Unary<V03.DeleteTaskPushNotificationConfigRequest, Empty, Empty>(
            "DeleteTaskPushNotificationConfig", A2aOperation.DeletePushConfig, (request, _) => RequestTranslation.ToV1(request), (done, _) => done);
        Unary<V03.GetAgentCardRequest, AgentCard, V03.AgentCard>("GetAgentCard", A2aOperation.GetExtendedCard, (_, _) => new GetExtendedAgentCardRequest(), CardTranslation.ToV03);
        Stream<V03.SendMessageRequest>("SendStreamingMessage", RequestTranslation.ToV1);
        Stream<V03.TaskSubscriptionRequest>("TaskSubscription", (request, _) => RequestTranslation.ToV1(request));

        void Unary<TRequest, TAnswer, TResponse>(string method, A2aOperation operation, Func<TRequest, Losses, IMessage> read, Func<TAnswer, Losses, TResponse> write)
            where TRequest : class, IMessage<TRequest>, new()
            where TAnswer : class, IMessage<TAnswer>, new()
            where TResponse : class, IMessage<TResponse> =>
            Guard(routes.MapGrpcUnary<TRequest, TResponse>(
                $"/{A2aMethods.V03Service}/{method}",
                async (request, call) =>
                {
                    var (asked, answered) = (new Losses(), new Losses());
                    var answer = (TAnswer?)await calls.RunAsync(call, A2aVersion.V03, operation, read(request, asked), asked) ?? new TAnswer();
                    var response = write(answer, answered);
                    calls.Note(answered);
                    return response;
                },
                _options));

        void Stream<TRequest>(string method, Func<TRequest, Losses, IMessage> read)
            where TRequest : class, IMessage<TRequest>, new() =>
            Guard(routes.MapGrpcServerStreaming<TRequest, V03.StreamResponse>(
                $"/{A2aMethods.V03Service}/{method}",
                (request, call) =>
                {
                    var (asked, answered) = (new Losses(), new Losses());
                    return calls.StreamAsync(call, A2aVersion.V03, read(request, asked), asked).Select(response => TaskTranslation.ToV03(response, answered));
                },
                _options));
    }

    private static V03.ListTaskPushNotificationConfigResponse ToV03(ListTaskPushNotificationConfigsResponse list, Losses losses) => new()
    {
        Configs = { list.Configs.Select(config => RequestTranslation.ToNamed(config, losses)) },
        NextPageToken = list.NextPageToken,
    };

    private static void Guard(IEndpointConventionBuilder route) => route.RequireRole(Role.Agent, ApiScopes.Messages).WithMetadata(_refusals);
}
