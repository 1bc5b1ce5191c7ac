using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.JsonRpc;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Sse;
using Parley.Hub.AgentApi;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http.A2a;

/// <summary>A2A over JSON-RPC: 1.0, 0.3 and the seed's dialect on the same addresses, told apart by header and method.</summary>
internal sealed class JsonRpcDoor(A2aDesk desk, SeedDoor seed, EventStreams streams)
{
    /// <summary>How refusals look here: HTTP has no say in JSON-RPC, but for what concerns the request as such.</summary>
    public static RefusalForm Refusals { get; } = new((context, refusal) => WriteRefusalAsync(context, refusal, StatusOf(refusal.Code)));

    /// <summary>Answers a call.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isSeedStream">Whether the address says that the seed's method streams.</param>
    public async Task AnswerAsync(HttpContext context, bool isSeedStream)
    {
        if (!A2aBodies.IsJson(context))
        {
            await WriteRefusalAsync(context, A2aBodies.NotJson(), StatusCodes.Status415UnsupportedMediaType);
            return;
        }

        var request = JsonRpcRequest.Parse(await OperationArguments.ReadBodyAsync(context, JsonLimits.Default.MaxBytes), JsonLimits.Default);
        context.Features.Set(new CallId(request.Id));
        if (request.Refusal is { } refusal)
        {
            throw refusal;
        }

        var version = A2aNegotiation.OfCall(A2aDesk.VersionText(context), request.Method);
        var operation = A2aMethods.Find(version, request.Method) ?? throw new ParleyException(ErrorCode.MethodUnknown, "There is no such method in this version of A2A.");
        var call = desk.Begin(context, version);
        await (operation == A2aOperation.SeedMessage ? seed.AnswerAsync(context, call.Caller, request, isSeedStream)
            : AnswerAsync(context, call, operation, request));
    }

    private async Task AnswerAsync(HttpContext context, ApiCall call, A2aOperation operation, JsonRpcRequest request)
    {
        var form = call.Version == A2aVersion.V1 ? A2aForm.V1 : A2aForm.Kind;
        var losses = new Losses();
        var message = A2aRequests.Read(form, operation, request.Params.Span, losses);
        desk.Address(context, call, message);
        if (operation is A2aOperation.SendStreamingMessage or A2aOperation.SubscribeToTask)
        {
            await streams.SendAsync(
                context,
                cancellationToken => desk.Stream(context, call, message, cancellationToken),
                (output, one) => SseWriter.Write(output, Result(request.Id, form, one.Response, losses).Span, one.Number),
                (output, refusal) => SseWriter.Write(output, JsonRpcAnswer.Error(request.Id, refusal).Span));
        }
        else
        {
            var answer = await desk.RunAsync(context, call, operation, message);
            await A2aBodies.WriteAsync(context, answer is null ? JsonRpcAnswer.Nothing(request.Id) : Result(request.Id, form, answer, losses));
        }

        desk.Note(losses);
    }

    private static ReadOnlyMemory<byte> Result(string id, A2aForm form, IMessage answer, Losses losses) => JsonRpcAnswer.Result(id, writer => form.Write(writer, answer, losses));

    private static Task WriteRefusalAsync(HttpContext context, ParleyException refusal, int status)
    {
        ApiErrors.Begin(context, refusal, status);
        return A2aBodies.WriteAsync(context, JsonRpcAnswer.Error(context.Features.Get<CallId>()?.Id ?? JsonRpcRequest.NoId, refusal));
    }

    private static int StatusOf(ErrorCode code) =>
        code is ErrorCode.Unauthenticated or ErrorCode.PermissionDenied or ErrorCode.RateLimited or ErrorCode.MessagePairRate or ErrorCode.MessageTooLarge or ErrorCode.NotFound
            ? A2aErrorRow.Of(code).Http
            : StatusCodes.Status200OK;

    /// <summary>The id of the call, for whoever refuses it.</summary>
    private sealed record CallId(string Id);
}
