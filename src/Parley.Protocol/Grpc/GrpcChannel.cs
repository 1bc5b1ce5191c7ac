using System.Net;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Grpc;

/// <summary>Calls to one gRPC server over HTTP/2. Safe for many threads; does not own the invoker.</summary>
public sealed class GrpcChannel
{
    private readonly HttpMessageInvoker _invoker;
    private readonly Uri _address;

    /// <summary>A channel to a server.</summary>
    /// <param name="invoker">Sends the requests; see <see cref="GrpcHttpHandler"/>. An <see cref="HttpClient"/> needs an infinite timeout for streams.</param>
    /// <param name="address">Base address: <c>https://host:port</c>, or <c>http://host:port</c> for HTTP/2 in clear text with prior knowledge.</param>
    /// <param name="options">Limits and clock; null: the defaults.</param>
    public GrpcChannel(HttpMessageInvoker invoker, Uri address, GrpcChannelOptions? options = null)
    {
        _invoker = invoker;
        _address = address;
        Options = options ?? new GrpcChannelOptions();
    }

    /// <summary>What all calls have in common.</summary>
    public GrpcChannelOptions Options { get; }

    /// <summary>One message there, one back.</summary>
    /// <param name="path">The method's path, for example <c>/parley.v1.Link/Connect</c>.</param>
    /// <param name="request">The message.</param>
    /// <param name="options">Metadata and time limit.</param>
    /// <param name="cancellationToken">Withdraws the call: the server sees a reset.</param>
    /// <exception cref="GrpcException">The call did not end with OK.</exception>
    public async Task<GrpcReply<TResponse>> UnaryAsync<TRequest, TResponse>(
        string path, TRequest request, GrpcCallOptions? options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>, new()
    {
        await using var call = new GrpcClientCall(this, path, new GrpcMessageContent(request, Options.MaxSendBytes), options, cancellationToken);
        TResponse? reply = null;
        while (await call.WaitToReadAsync(CancellationToken.None))
        {
            while (call.TryRead<TResponse>(out var message))
            {
                reply = reply is null ? message : throw new GrpcException(GrpcStatusCode.Internal, "The server answered a unary call with several messages.");
            }
        }

        return reply is null
            ? throw new GrpcException(GrpcStatusCode.Internal, "The server answered a unary call with OK but without a message.")
            : new GrpcReply<TResponse>(reply, call.Headers, call.Trailers);
    }

    /// <summary>One message there, any number back.</summary>
    /// <param name="path">The method's path.</param>
    /// <param name="request">The message.</param>
    /// <param name="options">Metadata and time limit.</param>
    /// <param name="cancellationToken">Withdraws the call; so does leaving the enumeration early.</param>
    /// <exception cref="GrpcException">The call did not end with OK; thrown by the enumeration.</exception>
    public async IAsyncEnumerable<TResponse> ServerStreamingAsync<TRequest, TResponse>(
        string path, TRequest request, GrpcCallOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>, new()
    {
        await using var call = new GrpcClientCall(this, path, new GrpcMessageContent(request, Options.MaxSendBytes), options, cancellationToken);
        while (await call.WaitToReadAsync(CancellationToken.None))
        {
            while (call.TryRead<TResponse>(out var message))
            {
                yield return message;
            }
        }
    }

    /// <summary>Opens a call in which both sides send. Returns when the request is on its way; the response's headers may come later.</summary>
    /// <param name="path">The method's path.</param>
    /// <param name="options">Metadata and time limit of the whole stream.</param>
    /// <param name="cancellationToken">Ends the call at any time: the server sees a reset.</param>
    /// <exception cref="GrpcException">The server cannot be reached (Unavailable), or refused at once.</exception>
    public Task<GrpcDuplexCall<TRequest, TResponse>> DuplexAsync<TRequest, TResponse>(
        string path, GrpcCallOptions? options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>, new() =>
        GrpcDuplexCall<TRequest, TResponse>.OpenAsync(this, path, options, cancellationToken);

    internal HttpRequestMessage MakeRequest(string path, HttpContent content, GrpcCallOptions? options)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_address, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("user-agent", Options.UserAgent);
        request.Headers.TryAddWithoutValidation(GrpcHeaders.AcceptEncoding, GrpcHeaders.Encodings);
        if (options?.Timeout is { } timeout)
        {
            request.Headers.TryAddWithoutValidation(GrpcHeaders.Timeout, GrpcTimeout.Format(timeout));
        }

        foreach (var (name, value) in options?.Headers ?? new GrpcMetadata())
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _invoker is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken) // the default would wait for the whole body
            : _invoker.SendAsync(request, cancellationToken);
}
