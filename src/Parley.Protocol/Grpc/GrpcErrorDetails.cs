using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire.Rpc;

namespace Parley.Protocol.Grpc;

/// <summary>Carries a <see cref="ParleyException"/> through a gRPC status and back: the code by its wire name in a <c>google.rpc.ErrorInfo</c>.</summary>
public static class GrpcErrorDetails
{
    /// <summary>The domain of our error reasons.</summary>
    public const string Domain = "parley";

    private const string CodeKey = "code";

    // A day: what a peer asks beyond that is no longer a retry.
    private const int MaxRetrySeconds = 86_400;

    /// <summary>The status of a refusal: code by <see cref="ErrorMap"/>, its sentence, and details with the wire name and when to retry.</summary>
    public static GrpcStatus ToStatus(ParleyException refusal)
    {
        var row = refusal.Row;
        var status = new Status { Code = (int)row.Grpc, Message = refusal.Message };
        var reason = new ErrorInfo { Reason = row.WireName.Replace('.', '_').ToUpperInvariant(), Domain = Domain };
        reason.Metadata.Add(CodeKey, row.WireName);
        status.Details.Add(Any.Pack(reason));
        if (refusal.RetryAfter is { } delay)
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
        }

        return new GrpcStatus(row.Grpc, refusal.Message) { Details = status.ToByteArray() };
    }

    /// <summary>The refusal that a status tells of. Without our details the nearest code stands in: what came is another program's status.</summary>
    public static ParleyException ToRefusal(GrpcException exception)
    {
        var status = exception.Status;
        var (code, retryAfter) = (FromStatusCode(status.Code), default(TimeSpan?));
        try
        {
            foreach (var detail in Status.Parser.ParseFrom(status.Details.Span).Details)
            {
                if (detail.TryUnpack<ErrorInfo>(out var reason) && reason.Domain == Domain && reason.Metadata.TryGetValue(CodeKey, out var wireName))
                {
                    code = ErrorMap.FromWireName(wireName);
                }
                else if (detail.TryUnpack<RetryInfo>(out var retry) && retry.RetryDelay is { Seconds: >= 0 and < MaxRetrySeconds, Nanos: >= 0 and < 1_000_000_000 } delay)
                {
                    retryAfter = delay.ToTimeSpan();
                }
            }
        }
        catch (InvalidProtocolBufferException)
        {
            // Details are a courtesy; the code and the sentence stand without them.
        }

        return new ParleyException(code, status.Detail.Length > 0 ? status.Detail : status.Code.ToString(), exception) { RetryAfter = retryAfter };
    }

    private static ErrorCode FromStatusCode(GrpcStatusCode code) => code switch
    {
        GrpcStatusCode.Cancelled => ErrorCode.Canceled,
        GrpcStatusCode.InvalidArgument or GrpcStatusCode.OutOfRange => ErrorCode.InvalidArgument,
        GrpcStatusCode.DeadlineExceeded => ErrorCode.DeadlineExceeded,
        GrpcStatusCode.NotFound => ErrorCode.NotFound,
        GrpcStatusCode.AlreadyExists or GrpcStatusCode.FailedPrecondition or GrpcStatusCode.Aborted => ErrorCode.Conflict,
        GrpcStatusCode.PermissionDenied => ErrorCode.PermissionDenied,
        GrpcStatusCode.ResourceExhausted => ErrorCode.RateLimited,
        GrpcStatusCode.Unimplemented => ErrorCode.Unsupported,
        GrpcStatusCode.Unavailable => ErrorCode.HubUnreachable,
        GrpcStatusCode.DataLoss => ErrorCode.IntegrityFailed,
        GrpcStatusCode.Unauthenticated => ErrorCode.Unauthenticated,
        _ => ErrorCode.Internal,
    };
}
