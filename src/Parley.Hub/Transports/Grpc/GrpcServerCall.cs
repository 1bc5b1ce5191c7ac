using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Parley.Protocol.Grpc;

namespace Parley.Hub.Transports.Grpc;

/// <summary>One call as its handler sees it. One thread may write while another reads; the call ends when the handler returns or throws.</summary>
internal sealed class GrpcServerCall
{
    private readonly GrpcFrameReader _reader;
    private readonly GrpcFrameWriter _writer;
    private GrpcMetadata? _requestHeaders;
    private bool _hasSentHeaders;

    internal GrpcServerCall(HttpContext context, GrpcServerOptions options, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        HttpContext = context;
        Timeout = timeout;
        CancellationToken = cancellationToken;
        _reader = new GrpcFrameReader(context.Request.BodyReader, options.MaxReceiveBytes, context.Request.Headers[GrpcHeaders.Encoding]);
        _writer = new GrpcFrameWriter(context.Response.BodyWriter, options.MaxSendBytes);
    }

    /// <summary>The HTTP side of the call: connection, user, services.</summary>
    public HttpContext HttpContext { get; }

    /// <summary>The caller's time limit at the start of the call; null when there is none.</summary>
    public TimeSpan? Timeout { get; }

    /// <summary>Fires when the caller went away or its deadline passed.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Metadata that the caller sent.</summary>
    public GrpcMetadata RequestHeaders => _requestHeaders ??= ReadRequestHeaders();

    /// <summary>Metadata to send before the first message; without effect after the first flush.</summary>
    public GrpcMetadata ResponseHeaders { get; } = new();

    /// <summary>Metadata to send with the status.</summary>
    public GrpcMetadata Trailers { get; } = new();

    /// <summary>The request as bytes, for handlers that parse messages themselves.</summary>
    public PipeReader Input => HttpContext.Request.BodyReader;

    /// <summary>The response as bytes, for handlers that frame messages themselves; <see cref="SendHeadersAsync"/> comes first.</summary>
    public PipeWriter Output => _writer.Output;

    /// <summary>Bytes appended since the last flush.</summary>
    public long UnflushedBytes => _writer.UnflushedBytes;

    /// <summary>True when a message was appended.</summary>
    internal bool HasWritten { get; private set; }

    /// <summary>Sends the response's headers now. A stream whose client waits for them must do so before it reads; otherwise the first flush does it.</summary>
    public async ValueTask SendHeadersAsync(CancellationToken cancellationToken)
    {
        if (!_hasSentHeaders)
        {
            ApplyHeaders();
            await HttpContext.Response.StartAsync(cancellationToken);

            // StartAsync alone leaves the headers in the buffer, and a client that waits for them waits for ever.
            await Output.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Waits for a message. False: the client sends no more.</summary>
    /// <exception cref="GrpcException">What came breaks the framing or the size limit.</exception>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) => _reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes a message that has arrived; false when there is none.</summary>
    /// <exception cref="GrpcException">What came is not acceptable.</exception>
    public bool TryRead<T>([NotNullWhen(true)] out T? message)
        where T : class, IMessage<T>, new() => _reader.TryRead(out message);

    /// <summary>All messages until the client sends no more.</summary>
    public async IAsyncEnumerable<T> ReadAllAsync<T>([EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IMessage<T>, new()
    {
        while (await _reader.WaitToReadAsync(cancellationToken))
        {
            while (_reader.TryRead<T>(out var message))
            {
                yield return message;
            }
        }
    }

    /// <summary>Appends a message; <see cref="FlushAsync"/> sends all that were appended.</summary>
    /// <exception cref="GrpcException">ResourceExhausted: larger than the limit; nothing was appended.</exception>
    public void Write(IMessage message)
    {
        ApplyHeaders();
        _writer.Write(message);
        HasWritten = true;
    }

    /// <summary>Sends what was appended; waits while the client's window is full.</summary>
    /// <returns>False when the client is gone.</returns>
    public ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        ApplyHeaders();
        return _writer.FlushAsync(cancellationToken);
    }

    /// <summary>Resets the stream at once, without a status; reads and writes in progress fail.</summary>
    public void Abort() => HttpContext.Abort();

    /// <summary>Puts the response metadata into the HTTP headers, once, before anything starts the response.</summary>
    internal void ApplyHeaders()
    {
        if (_hasSentHeaders)
        {
            return;
        }

        _hasSentHeaders = true;
        foreach (var (name, value) in ResponseHeaders)
        {
            HttpContext.Response.Headers.Append(name, value);
        }
    }

    private GrpcMetadata ReadRequestHeaders()
    {
        var metadata = new GrpcMetadata();
        foreach (var (name, values) in HttpContext.Request.Headers)
        {
            foreach (var value in values)
            {
                metadata.AddReceived(name, value ?? string.Empty);
            }
        }

        return metadata;
    }
}
