using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;
using Parley.Sqlite;

namespace Parley.Hub.Transports.Grpc;

/// <summary>Runs the handler of one gRPC method: checks the request, keeps the deadline, and turns whatever happens into a status.</summary>
internal sealed partial class GrpcCallRunner
{
    private readonly Func<GrpcServerCall, Task> _handler;
    private readonly GrpcServerOptions _options;
    private readonly bool _isLong;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public GrpcCallRunner(Func<GrpcServerCall, Task> handler, GrpcServerOptions options, bool isLong, TimeProvider time, ILogger<GrpcCallRunner> logger)
    {
        _handler = handler;
        _options = options;
        _isLong = isLong;
        _time = time;
        _logger = logger;
    }

    /// <summary>Serves one request.</summary>
    public async Task RunAsync(HttpContext context)
    {
        if (RefuseHttp(context))
        {
            return;
        }

        context.Response.ContentType = GrpcHeaders.ContentType;
        context.Response.Headers[GrpcHeaders.AcceptEncoding] = GrpcHeaders.Encodings;
        TimeSpan? timeout = null;
        if (RefuseCall(context, ref timeout) is { } refusal)
        {
            GrpcResponse.End(context, refusal, trailers: null, hasBody: false);
            return;
        }

        if (_isLong)
        {
            LiftLimits(context);
        }

        if (timeout is not { } limit)
        {
            await RunAsync(new GrpcServerCall(context, _options, timeout: null, context.RequestAborted), deadline: default);
            return;
        }

        using var deadline = new CancellationTokenSource(limit, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        await RunAsync(new GrpcServerCall(context, _options, limit, linked.Token), deadline.Token);
    }

    private async Task RunAsync(GrpcServerCall call, CancellationToken deadline)
    {
        var status = GrpcStatus.OK;
        GrpcMetadata? trailers = null;
        try
        {
            await _handler(call);
        }
        catch (Exception exception)
        {
            if (call.HttpContext.RequestAborted.IsCancellationRequested)
            {
                // Nobody is left to hear a status.
                LogGone(call.HttpContext.Request.Path);
                return;
            }

            (status, trailers) = ToStatus(exception, call.HttpContext.Request.Path, deadline);
        }

        call.ApplyHeaders();
        foreach (var (name, value) in trailers ?? new GrpcMetadata())
        {
            call.Trailers.AddReceived(name, value);
        }

        if (!call.HttpContext.RequestAborted.IsCancellationRequested)
        {
            GrpcResponse.End(call.HttpContext, status, call.Trailers, call.HasWritten);
        }
    }

    private (GrpcStatus Status, GrpcMetadata? Trailers) ToStatus(Exception exception, string path, CancellationToken deadline)
    {
        switch (exception)
        {
            case GrpcException known:
                return (known.Status, known.Trailers);
            case ParleyException refusal:
                return (_options.ToStatus(refusal), null);
            case StoreUnavailableException:
                return (_options.ToStatus(new ParleyException(ErrorCode.Unavailable, exception.Message, exception)), null);
            case OperationCanceledException when deadline.IsCancellationRequested:
                return (new GrpcStatus(GrpcStatusCode.DeadlineExceeded, "The deadline passed."), null);
            case OperationCanceledException:
                return (new GrpcStatus(GrpcStatusCode.Cancelled, "The call was cancelled."), null);
            case BadHttpRequestException or ConnectionAbortedException or ConnectionResetException:
                return (new GrpcStatus(GrpcStatusCode.Unavailable, "The stream broke."), null);
            default:
                LogFailed(path, exception);
                return (_options.ToStatus(new ParleyException(ErrorCode.Internal, "The server failed; its log says why.", exception)), null);
        }
    }

    /// <summary>What is not gRPC gets a plain HTTP answer.</summary>
    private static bool RefuseHttp(HttpContext context)
    {
        if (!GrpcHeaders.IsGrpc(context.Request.ContentType))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return true;
        }

        if (!HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return true;
        }

        return false;
    }

    private static GrpcStatus? RefuseCall(HttpContext context, ref TimeSpan? timeout)
    {
        var headers = context.Request.Headers;
        if (headers.TryGetValue(GrpcHeaders.Encoding, out var encoding) && encoding.ToString() is not ("identity" or "gzip"))
        {
            return new GrpcStatus(GrpcStatusCode.Unimplemented, "The compression is not known here; see grpc-accept-encoding.");
        }

        if (!headers.TryGetValue(GrpcHeaders.Timeout, out var text))
        {
            return null;
        }

        if (!GrpcTimeout.TryParse(text, out var limit))
        {
            return new GrpcStatus(GrpcStatusCode.InvalidArgument, "grpc-timeout is at most 8 digits and a unit.");
        }

        // A timer holds about 49 days; a longer limit is as good as none.
        timeout = limit < TimeSpan.FromDays(49) ? limit : null;
        return null;
    }

    private static void LiftLimits(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Path}: the caller went away")]
    private partial void LogGone(string path);

    [LoggerMessage(LogLevel.Error, "{Path} failed")]
    private partial void LogFailed(string path, Exception exception);
}
