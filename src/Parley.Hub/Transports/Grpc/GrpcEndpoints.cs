using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;

namespace Parley.Hub.Transports.Grpc;

/// <summary>Maps gRPC methods to routes. Time comes from the registered <see cref="TimeProvider"/>, else from the system's.</summary>
internal static class GrpcEndpoints
{
    // A stream of messages that are all there at once is flushed in pieces of this size.
    private const int FlushBytes = 64 * 1024;

    /// <summary>A method of one message each way.</summary>
    public static IEndpointConventionBuilder MapGrpcUnary<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints, string path, Func<TRequest, GrpcServerCall, Task<TResponse>> handler, GrpcServerOptions? options = null)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>
    {
        return Map(endpoints, path, options, isLong: false, async call =>
        {
            var reply = await handler(await ReadOneAsync<TRequest>(call), call);
            call.Write(reply);
            await call.FlushAsync(call.CancellationToken);
        });
    }

    /// <summary>A method of one message there and any number back. The stream is flushed whenever the handler has to wait for its next message.</summary>
    public static IEndpointConventionBuilder MapGrpcServerStreaming<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints, string path, Func<TRequest, GrpcServerCall, IAsyncEnumerable<TResponse>> handler, GrpcServerOptions? options = null)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>
    {
        return Map(endpoints, path, options, isLong: false, async call =>
        {
            var request = await ReadOneAsync<TRequest>(call);
            await using var replies = handler(request, call).GetAsyncEnumerator(call.CancellationToken);
            while (true)
            {
                var next = replies.MoveNextAsync();
                if ((!next.IsCompleted || call.UnflushedBytes >= FlushBytes) && (call.HasWritten || options is not { AreHeadersHeld: true }) && !await call.FlushAsync(call.CancellationToken))
                {
                    call.CancellationToken.ThrowIfCancellationRequested();
                }

                if (!await next)
                {
                    return;
                }

                call.Write(replies.Current);
            }
        });
    }

    /// <summary>A method in which both sides send when they like, for as long as they like: the body's size and rate limits are off on this route alone.</summary>
    public static IEndpointConventionBuilder MapGrpcDuplex(
        this IEndpointRouteBuilder endpoints, string path, Func<GrpcServerCall, Task> handler, GrpcServerOptions? options = null) =>
        Map(endpoints, path, options, isLong: true, handler);

    /// <summary>Answers gRPC calls that no route takes with Unimplemented instead of HTTP 404.</summary>
    public static void UseGrpcUnknownMethods(this IApplicationBuilder application) => application.Use((context, next) =>
    {
        if (context.GetEndpoint() is not null || !GrpcHeaders.IsGrpc(context.Request.ContentType))
        {
            return next(context);
        }

        GrpcResponse.End(context, new GrpcStatus(GrpcStatusCode.Unimplemented, "The method does not exist."), trailers: null, hasBody: false);
        return Task.CompletedTask;
    });

    private static IEndpointConventionBuilder Map(
        IEndpointRouteBuilder endpoints, string path, GrpcServerOptions? options, bool isLong, Func<GrpcServerCall, Task> handler)
    {
        var services = endpoints.ServiceProvider;
        var runner = new GrpcCallRunner(
            handler,
            options ?? new GrpcServerOptions(),
            isLong,
            services.GetService<TimeProvider>() ?? TimeProvider.System,
            services.GetRequiredService<ILogger<GrpcCallRunner>>());
        return endpoints.MapPost(path, (RequestDelegate)runner.RunAsync);
    }

    private static async Task<T> ReadOneAsync<T>(GrpcServerCall call)
        where T : class, IMessage<T>, new()
    {
        T? request = null;
        try
        {
            while (await call.WaitToReadAsync(call.CancellationToken))
            {
                while (call.TryRead<T>(out var message))
                {
                    request = request is null ? message : throw new GrpcException(GrpcStatusCode.InvalidArgument, "The method takes one message, and several came.");
                }
            }
        }
        catch (GrpcException exception) when (exception.Status.Code == GrpcStatusCode.Internal)
        {
            // To a client a strange answer is the server's defect; to a server a strange request is the client's.
            throw new GrpcException(GrpcStatusCode.InvalidArgument, exception.Status.Detail, exception);
        }

        return request ?? throw new GrpcException(GrpcStatusCode.InvalidArgument, "The method takes one message, and none came.");
    }
}
