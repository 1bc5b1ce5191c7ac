using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace Parley.Protocol.Grpc;

/// <summary>A call in which both sides send when they like. One thread may write while another reads; dispose to end it, whatever its state.</summary>
/// <typeparam name="TRequest">What we send.</typeparam>
/// <typeparam name="TResponse">What the server sends.</typeparam>
public sealed class GrpcDuplexCall<TRequest, TResponse> : IAsyncDisposable
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>, new()
{
    private static readonly StreamPipeWriterOptions _outputOptions = new(minimumBufferSize: 16 * 1024, leaveOpen: true);

    private readonly GrpcClientCall _call;
    private readonly GrpcStreamContent _content;
    private readonly GrpcFrameWriter _writer;

    private GrpcDuplexCall(GrpcClientCall call, GrpcStreamContent content, GrpcFrameWriter writer)
    {
        _call = call;
        _content = content;
        _writer = writer;
    }

    /// <summary>How the call ended; null while it goes on.</summary>
    public GrpcStatus? Status => _call.Status;

    /// <summary>Metadata after the last message; empty until the call ended.</summary>
    public GrpcMetadata Trailers => _call.Trailers;

    /// <summary>The request as bytes, for callers that frame messages themselves. Its failures are the transport's: <see cref="Explain"/> them.</summary>
    public PipeWriter Output => _writer.Output;

    /// <summary>Bytes appended since the last flush.</summary>
    public long UnflushedBytes => _writer.UnflushedBytes;

    internal static async Task<GrpcDuplexCall<TRequest, TResponse>> OpenAsync(
        GrpcChannel channel, string path, GrpcCallOptions? options, CancellationToken cancellationToken)
    {
        var content = new GrpcStreamContent();
        var call = new GrpcClientCall(channel, path, content, options, cancellationToken);
        var response = call.OpenedAsync(CancellationToken.None).AsTask();
        try
        {
            // Either may come first. A response does not mean that the request's stream is open yet; a failure means that it never will be.
            if (await Task.WhenAny(content.Opened, response) == response)
            {
                await response;
            }

            await content.Opened;
        }
        catch (Exception exception)
        {
            await using (call)
            {
                await response;
                await call.WaitToReadAsync(CancellationToken.None);
                throw call.Explain(exception);
            }
        }

        _ = response.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        var output = PipeWriter.Create(await content.Opened, _outputOptions);
        return new GrpcDuplexCall<TRequest, TResponse>(call, content, new GrpcFrameWriter(output, channel.Options.MaxSendBytes));
    }

    /// <summary>Waits for the response's headers; a server may send them long before its first message, or with it.</summary>
    /// <exception cref="GrpcException">The call ended instead.</exception>
    public async ValueTask<GrpcMetadata> ReadHeadersAsync(CancellationToken cancellationToken)
    {
        await _call.OpenedAsync(cancellationToken);
        return _call.Headers;
    }

    /// <summary>The response as bytes, for callers that parse messages themselves; at its end call <see cref="WaitToReadAsync"/> for the status. Waits for the headers.</summary>
    /// <exception cref="GrpcException">The call ended instead.</exception>
    public ValueTask<PipeReader> ReadInputAsync(CancellationToken cancellationToken) => _call.OpenedAsync(cancellationToken);

    /// <summary>Appends a message; <see cref="FlushAsync"/> sends all that were appended.</summary>
    /// <exception cref="GrpcException">ResourceExhausted: larger than the channel's limit; nothing was appended.</exception>
    public void Write(TRequest message) => _writer.Write(message);

    /// <summary>Sends what was appended; waits while the server's window is full. Cancelling a flush ends the call.</summary>
    /// <returns>False when the server takes no more: the reading side says why.</returns>
    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _writer.FlushAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Half a message may be on the wire; what follows could not be understood.
            _call.Stop();
            throw;
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Sends what was appended and says that no more will come; reading goes on.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        _content.Complete();
    }

    /// <summary>Waits for a message from the server.</summary>
    /// <returns>False: the call ended with OK.</returns>
    /// <exception cref="GrpcException">It ended otherwise.</exception>
    /// <exception cref="OperationCanceledException">This token, or the call's, was cancelled.</exception>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) => _call.WaitToReadAsync(cancellationToken);

    /// <summary>Takes a message that has arrived; false when there is none.</summary>
    /// <exception cref="GrpcException">It is not acceptable; the call is over.</exception>
    public bool TryRead([NotNullWhen(true)] out TResponse? message) => _call.TryRead(out message);

    /// <summary>All messages until the call ends with OK.</summary>
    /// <exception cref="GrpcException">It ended otherwise.</exception>
    public async IAsyncEnumerable<TResponse> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await WaitToReadAsync(cancellationToken))
        {
            while (TryRead(out var message))
            {
                yield return message;
            }
        }
    }

    /// <summary>What a failure of <see cref="Output"/> or of the bytes of <see cref="ReadInputAsync"/> means: a <see cref="GrpcException"/>, or the caller's own cancellation.</summary>
    public Exception Explain(Exception exception) => _call.Explain(exception);

    /// <summary>Ends the call at once; the server sees a reset. Safe from any thread, more than once.</summary>
    public void Abort() => _call.Stop();

    /// <summary>Ends the call if it goes on, and frees what it holds.</summary>
    public async ValueTask DisposeAsync()
    {
        _call.Stop();
        _content.Complete();
        await _call.DisposeAsync();
    }
}
