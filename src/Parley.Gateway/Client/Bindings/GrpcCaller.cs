using System.Runtime.CompilerServices;
using Google.Protobuf;
using Parley.Gateway.A2a;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;

namespace Parley.Gateway.Client.Bindings;

/// <summary>Calls of gRPC: HTTP/2 with TLS, or in clear text with prior knowledge for an http address.</summary>
internal sealed class GrpcCaller(HttpMessageInvoker invoker, A2aEndpoint endpoint, A2aClientOptions options)
{
    private readonly GrpcChannel _channel = new(
        invoker, endpoint.Url, new GrpcChannelOptions { MaxReceiveBytes = options.MaxEventBytes, MaxSendBytes = options.MaxEventBytes, TimeProvider = options.Time, UserAgent = options.UserAgent });

    public A2aEndpoint Endpoint => endpoint;

    public A2aClientOptions Options => options;

    /// <summary>One message there, one back.</summary>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(A2aOperation operation, string path, TRequest request, CancellationToken cancellationToken, TimeSpan? timeout = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>, new()
    {
        try
        {
            var reply = await _channel.UnaryAsync<TRequest, TResponse>(path, request, await OptionsAsync(timeout ?? options.CallTimeout, cancellationToken), cancellationToken);
            return reply.Message;
        }
        catch (GrpcException exception)
        {
            throw Refusal(exception, operation);
        }
    }

    /// <summary>One message there, any number back.</summary>
    public async IAsyncEnumerable<TResponse> StreamAsync<TRequest, TResponse>(
        A2aOperation operation, string path, TRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>, new()
    {
        using var silence = new CancellationTokenSource(options.StreamIdleTimeout, options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        var call = await OptionsAsync(options.StreamTimeout, both.Token);
        await using var messages = _channel.ServerStreamingAsync<TRequest, TResponse>(path, request, call, both.Token).GetAsyncEnumerator(both.Token);
        var bytes = 0L;
        while (true)
        {
            try
            {
                if (!await messages.MoveNextAsync())
                {
                    break;
                }
            }
            catch (GrpcException exception)
            {
                throw Refusal(exception, operation);
            }
            catch (OperationCanceledException exception) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new ParleyException(ErrorCode.DeadlineExceeded, "The agent did not answer in time.", exception);
            }

            bytes += messages.Current.CalculateSize();
            if (bytes > options.MaxStreamBytes)
            {
                throw new ParleyException(ErrorCode.MessageTooLarge, "The answer is larger than this side reads.");
            }

            silence.CancelAfter(options.StreamIdleTimeout);
            yield return messages.Current;
        }
    }

    private async ValueTask<GrpcCallOptions> OptionsAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var metadata = new GrpcMetadata();
        foreach (var (name, value) in await CallHeaders.MakeAsync(endpoint, options, endpoint.Url, cancellationToken))
        {
            metadata.Add(name.ToLowerInvariant(), value);
        }

        return new GrpcCallOptions { Headers = metadata, Timeout = timeout };
    }

    // What the handler refused before anything was sent is ours; so are failures of the connection.
    private static ParleyException Refusal(GrpcException exception, A2aOperation operation)
    {
        for (var cause = exception.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (cause is ParleyException refusal)
            {
                return refusal;
            }
        }

        return exception.InnerException is null ? RemoteRefusal.OfGrpc(exception, operation)
            : Failures.Explain(exception.InnerException, exception.Status.Code == GrpcStatusCode.DeadlineExceeded, CancellationToken.None) ?? RemoteRefusal.OfGrpc(exception, operation);
    }
}
