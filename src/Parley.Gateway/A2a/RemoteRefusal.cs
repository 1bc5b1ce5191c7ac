using System.Globalization;
using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;

namespace Parley.Gateway.A2a;

/// <summary>An error that another server sent, as a refusal of ours: the nearest code, and its text made safe.</summary>
/// <remarks>A reason in the details decides (A2A's own, or ours when the server is a hub like this one); without one the status does.</remarks>
public static class RemoteRefusal
{
    private const string NoWords = "The agent refused.";
    private const int MaxRetrySeconds = 86_400;

    /// <summary>The error object of JSON-RPC: code, message, data.</summary>
    public static ParleyException OfJsonRpc(JsonElement error)
    {
        var number = Number(error, "code") ?? 0;
        var code = A2aErrorRow.FromJsonRpc(number);
        return Of(code == ErrorCode.Internal ? ErrorCode.ResponderFailed : code, Text(error, "message"), Member(error, "data"));
    }

    /// <summary>The body of a REST error: 1.0's <c>{"error":{...}}</c>, 0.3's bare <c>{"code","message"}</c>, or anything.</summary>
    /// <param name="body">The body; need not be JSON.</param>
    /// <param name="http">The status.</param>
    /// <param name="about">What not found and conflict are about.</param>
    public static ParleyException OfRest(ReadOnlyMemory<byte> body, int http, A2aOperation about)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 32 });
            var error = Member(document.RootElement, "error") is { ValueKind: JsonValueKind.Object } inner ? inner : document.RootElement;
            var isRpcCode = Number(error, "code") is < 0;
            return isRpcCode ? OfJsonRpc(error) : Of(OfHttp(http, about), Text(error, "message"), Member(error, "details") is { ValueKind: JsonValueKind.Array } list ? list : Member(error, "data"));
        }
        catch (JsonException)
        {
            return new ParleyException(OfHttp(http, about), string.Create(CultureInfo.InvariantCulture, $"The agent answered with HTTP status {http}."));
        }
    }

    /// <summary>A gRPC call that did not end with OK.</summary>
    /// <param name="exception">How it ended.</param>
    /// <param name="about">What not found and failed precondition are about.</param>
    public static ParleyException OfGrpc(GrpcException exception, A2aOperation about)
    {
        var ours = GrpcErrorDetails.ToRefusal(exception);
        var code = GrpcReason.Read(exception.Status.Details) ?? OfStatus(exception.Status.Code, about);
        return new ParleyException(code, RemoteText.Clean(exception.Status.Detail, NoWords), exception) { RetryAfter = ours.RetryAfter };
    }

    /// <summary>The code of a bare HTTP status.</summary>
    public static ErrorCode OfHttp(int http, A2aOperation about) => http switch
    {
        401 => ErrorCode.Unauthenticated,
        403 => ErrorCode.PermissionDenied,
        404 => NamesTask(about) ? ErrorCode.TaskUnknown : ErrorCode.NotFound,
        405 or 501 => ErrorCode.OperationNotSupported,
        408 or 504 => ErrorCode.DeadlineExceeded,
        409 => about == A2aOperation.CancelTask ? ErrorCode.TaskNotCancelable : ErrorCode.Conflict,
        413 => ErrorCode.MessageTooLarge,
        415 => ErrorCode.ContentTypeNotSupported,
        429 => ErrorCode.RateLimited,
        502 or 503 => ErrorCode.AgentUnreachable,
        >= 400 and < 500 => ErrorCode.InvalidArgument,
        >= 500 => ErrorCode.ResponderFailed,
        _ => ErrorCode.AgentAnswerInvalid,
    };

    private static ErrorCode OfStatus(GrpcStatusCode status, A2aOperation about) => status switch
    {
        GrpcStatusCode.Cancelled => ErrorCode.Canceled,
        GrpcStatusCode.InvalidArgument or GrpcStatusCode.OutOfRange => ErrorCode.InvalidArgument,
        GrpcStatusCode.DeadlineExceeded => ErrorCode.DeadlineExceeded,
        GrpcStatusCode.NotFound => NamesTask(about) ? ErrorCode.TaskUnknown : ErrorCode.NotFound,
        GrpcStatusCode.FailedPrecondition => about == A2aOperation.CancelTask ? ErrorCode.TaskNotCancelable : ErrorCode.OperationNotSupported,
        GrpcStatusCode.AlreadyExists or GrpcStatusCode.Aborted => ErrorCode.Conflict,
        GrpcStatusCode.PermissionDenied => ErrorCode.PermissionDenied,
        GrpcStatusCode.ResourceExhausted => ErrorCode.RateLimited,
        GrpcStatusCode.Unimplemented => ErrorCode.OperationNotSupported,
        GrpcStatusCode.Unavailable => ErrorCode.AgentUnreachable,
        GrpcStatusCode.Unauthenticated => ErrorCode.Unauthenticated,
        _ => ErrorCode.ResponderFailed,
    };

    private static bool NamesTask(A2aOperation about) => about is not (A2aOperation.GetExtendedCard or A2aOperation.ListTasks);

    private static ParleyException Of(ErrorCode otherwise, string? message, JsonElement? details)
    {
        var (code, retryAfter) = (otherwise, default(TimeSpan?));
        if (details is { ValueKind: JsonValueKind.Array } list)
        {
            foreach (var detail in list.EnumerateArray().Where(detail => detail.ValueKind == JsonValueKind.Object))
            {
                code = Text(detail, "reason") is { } reason && GrpcReason.Find(Text(detail, "domain"), reason) is { } known ? known : code;
                retryAfter = Text(detail, "retryDelay") is { } delay ? Delay(delay) ?? retryAfter : retryAfter;
            }
        }

        return new ParleyException(code, RemoteText.Clean(message, NoWords)) { RetryAfter = retryAfter };
    }

    private static TimeSpan? Delay(string text) =>
        text.EndsWith('s') && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < MaxRetrySeconds
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static JsonElement? Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : null;

    private static int? Number(JsonElement value, string name) =>
        Member(value, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var result) ? result : null;

    private static string? Text(JsonElement value, string name)
    {
        try
        {
            return Member(value, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: the code says enough.
            return null;
        }
    }
}
