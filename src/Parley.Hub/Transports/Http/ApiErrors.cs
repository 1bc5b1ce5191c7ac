using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;
using Parley.Sqlite;

namespace Parley.Hub.Transports.Http;

/// <summary>The one place where refusals become HTTP answers. It stands around all routes; gRPC has its own. Routes of a foreign dialect bring their <see cref="RefusalForm"/>.</summary>
internal sealed partial class ApiErrors
{
    private readonly ILogger<ApiErrors> _logger;

    /// <summary>Answers with a log for defects.</summary>
    public ApiErrors(ILogger<ApiErrors> logger) => _logger = logger;

    /// <summary>Runs the rest, and answers what it throws.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status405MethodNotAllowed })
            {
                await WriteAsync(context, new ParleyException(ErrorCode.Unsupported, "This path does not take that method."), StatusCodes.Status405MethodNotAllowed);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to answer.
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            var refusal = Translate(context, exception);
            var form = context.GetEndpoint()?.Metadata.GetMetadata<RefusalForm>();
            await (form is null ? WriteAsync(context, refusal) : form.WriteAsync(context, refusal));
        }
    }

    /// <summary>Sets status and headers of an answer that refuses; what was prepared for the good answer goes.</summary>
    public static void Begin(HttpContext context, ParleyException refusal, int status)
    {
        context.Response.Clear();
        context.Response.StatusCode = status;
        if (RetryAfter(refusal) is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString();
        }

        if (refusal.Code == ErrorCode.Unauthenticated)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }
    }

    /// <summary>Writes a refusal, under the status of its row unless another fits better.</summary>
    public static async Task WriteAsync(HttpContext context, ParleyException refusal, int? status = null)
    {
        var row = refusal.Row;
        Begin(context, refusal, status ?? row.Http);
        context.Response.ContentType = "application/json";
        var answer = new ErrorAnswer(new ErrorBody(row.WireName, refusal.Message, new ErrorDetails(row.Fixer, RetryAfter(refusal), refusal.Field)));
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer, ManagementJson.Compact.ErrorAnswer));
    }

    private static int? RetryAfter(ParleyException refusal) =>
        refusal.RetryAfter is { } wait ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : null;

    /// <summary>What an exception is to the caller; a defect is logged here, once.</summary>
    public ParleyException Translate(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case ParleyException refusal:
                return refusal;
            case StoreUnavailableException:
                return new ParleyException(ErrorCode.Unavailable, exception.Message, exception);
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new ParleyException(ErrorCode.MessageTooLarge, "The request's body is too large.", exception);
            case BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }:
                return new ParleyException(ErrorCode.InvalidArgument, "The request's body came too slowly.", exception);
            case BadHttpRequestException:
                return new ParleyException(ErrorCode.InvalidArgument, "The request is not good HTTP.", exception);
            default:
                // The path may hold a code; the route's name does not.
                LogFailed(context.GetEndpoint()?.DisplayName ?? "no route", exception);
                return new ParleyException(ErrorCode.Internal, "The hub failed; its log has the details.", exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request to {Route} failed")]
    private partial void LogFailed(string route, Exception exception);
}
