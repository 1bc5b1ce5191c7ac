using Microsoft.AspNetCore.Http;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Sse;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http.A2a;

/// <summary>A2A over REST, in 1.0 and in 0.3.</summary>
internal sealed class RestDoor(A2aDesk desk, EventStreams streams)
{
    /// <summary>How refusals look in 1.0.</summary>
    public static RefusalForm Refusals { get; } = new((context, refusal) =>
    {
        ApiErrors.Begin(context, refusal, A2aErrorRow.Of(refusal.Code).Http);
        return A2aBodies.WriteAsync(context, A2aErrors.ToRest(refusal), A2aBodies.AnswerType(context));
    });

    /// <summary>How refusals look in 0.3: the error of JSON-RPC as a body.</summary>
    public static RefusalForm OldRefusals { get; } = new((context, refusal) =>
    {
        ApiErrors.Begin(context, refusal, A2aErrorRow.Of(refusal.Code).Http);
        return A2aBodies.WriteAsync(context, A2aErrors.ToOldRest(refusal));
    });

    /// <summary>Answers a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="route">What its address says.</param>
    public async Task AnswerAsync(HttpContext context, RestRoute route)
    {
        if ((A2aDesk.VersionOf(context) ?? route.Version) != route.Version)
        {
            throw new ParleyException(ErrorCode.ProtocolVersion, "REST of 0.3 stands under /v1, that of 1.0 does not: the A2A-Version header names the other one.");
        }

        var call = desk.Begin(context, route.Version);
        var losses = new Losses();
        var (form, request) = await ReadAsync(context, route, losses);
        form.ReadQuery(request, context.Request.Query.Select(pair => KeyValuePair.Create(pair.Key, pair.Value[^1] ?? string.Empty)));
        foreach (var (value, field) in route.Fields)
        {
            A2aRequests.SetFromPath(request, field, (string)context.Request.RouteValues[value]!);
        }

        desk.Address(context, call, request);
        if (route.IsStream)
        {
            await streams.SendAsync(
                context,
                cancellationToken => desk.Stream(context, call, request, cancellationToken),
                (output, one) => SseWriter.Write(output, form.ToBytes(one.Response, losses).Span, one.Number),
                (output, refusal) => SseWriter.Write(output, ErrorOf(form, refusal).Span, name: "error"u8));
        }
        else if (await desk.RunAsync(context, call, route.Operation, request) is { } answer)
        {
            await A2aBodies.WriteAsync(context, form.ToBytes(answer, losses), form == A2aForm.V1 ? A2aBodies.AnswerType(context) : A2aBodies.Json);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }

        desk.Note(losses);
    }

    private static async Task<(A2aForm Form, Google.Protobuf.IMessage Request)> ReadAsync(HttpContext context, RestRoute route, Losses losses)
    {
        var body = route.TakesBody ? await OperationArguments.ReadBodyAsync(context, JsonLimits.Default.MaxBytes) : [];
        var form = route.Version == A2aVersion.V1 ? A2aForm.V1 : A2aRequests.FormOf(route.Operation, body);
        if (body.Length == 0 && !route.NeedsBody)
        {
            return (form, A2aRequests.Empty(route.Operation));
        }

        return A2aBodies.IsJson(context) ? (form, A2aRequests.Read(form, route.Operation, body, losses)) : throw A2aBodies.NotJson();
    }

    private static ReadOnlyMemory<byte> ErrorOf(A2aForm form, ParleyException refusal) => form == A2aForm.V1 ? A2aErrors.ToRest(refusal) : A2aErrors.ToOldRest(refusal);
}
