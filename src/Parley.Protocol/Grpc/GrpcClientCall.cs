using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using Google.Protobuf;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Grpc;

/// <summary>One call on the wire, whatever its kind: the request, its deadline, the response's messages, and how it ended.</summary>
internal sealed class GrpcClientCall : IAsyncDisposable
{
    private static readonly StreamPipeReaderOptions _inputOptions = new(bufferSize: 16 * 1024, minimumReadSize: 1024, useZeroByteReads: true);

    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource? _deadline;
    private readonly CancellationTokenSource _stop;
    private readonly int _maxReceiveBytes;
    private readonly Task<GrpcFrameReader> _opening;
    private CancellationTokenRegistration _onStop;
    private HttpResponseMessage? _response;
    private PipeReader? _input;
    private GrpcFrameReader? _reader;
    private int _isDisposed;

    public GrpcClientCall(GrpcChannel channel, string path, HttpContent content, GrpcCallOptions? options, CancellationToken cancellationToken)
    {
        _caller = cancellationToken;
        _maxReceiveBytes = channel.Options.MaxReceiveBytes;
        if (options?.Timeout is { } timeout)
        {
            _deadline = new CancellationTokenSource(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, channel.Options.TimeProvider);
        }

        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _deadline?.Token ?? CancellationToken.None);
        _opening = OpenAsync(channel, channel.MakeRequest(path, content, options));
    }

    /// <summary>Metadata before the first message; empty until the response came.</summary>
    public GrpcMetadata Headers { get; private set; } = new();

    /// <summary>Metadata after the last message; empty until the call ended.</summary>
    public GrpcMetadata Trailers { get; private set; } = new();

    /// <summary>How the call ended; null while it goes on.</summary>
    public GrpcStatus? Status { get; private set; }

    /// <summary>Fires when the call shall end early: cancelled, deadline passed, disposed.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>Waits for the response's headers and gives the bytes behind them.</summary>
    public async ValueTask<PipeReader> OpenedAsync(CancellationToken cancellationToken)
    {
        try
        {
            _reader ??= await _opening.WaitAsync(cancellationToken);
            return _input!;
        }
        catch (Exception exception) when (!IsOwn(exception, cancellationToken))
        {
            throw Explain(exception);
        }
    }

    /// <summary>Waits for a message. False: the call ended with OK.</summary>
    public async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken)
    {
        if (Status is null)
        {
            try
            {
                _reader ??= await _opening.WaitAsync(cancellationToken);
                if (await _reader.WaitToReadAsync(cancellationToken))
                {
                    return true;
                }

                ReadTrailers(_response!);
            }
            catch (GrpcException exception)
            {
                // What the server sent is not acceptable: it need not send the rest.
                Status ??= exception.Status;
                Stop();
                throw;
            }
            catch (Exception exception) when (!IsOwn(exception, cancellationToken))
            {
                throw Explain(exception);
            }
        }

        return Status is { Code: GrpcStatusCode.OK } ? false : throw new GrpcException(Status!, Trailers);
    }

    /// <summary>Takes a message that is there.</summary>
    public bool TryRead<T>([NotNullWhen(true)] out T? message)
        where T : class, IMessage<T>, new()
    {
        message = null;
        try
        {
            return _reader is not null && _reader.TryRead(out message);
        }
        catch (GrpcException exception)
        {
            Status ??= exception.Status;
            Stop();
            throw;
        }
    }

    /// <summary>What an exception of the transport means for the caller; the call is over.</summary>
    public Exception Explain(Exception exception)
    {
        if (exception is GrpcException known)
        {
            Status ??= known.Status;
            return known;
        }

        if (_deadline is { IsCancellationRequested: true })
        {
            Status ??= new GrpcStatus(GrpcStatusCode.DeadlineExceeded, "The deadline passed.");
        }
        else if (_caller.IsCancellationRequested)
        {
            Status ??= new GrpcStatus(GrpcStatusCode.Cancelled, "The caller withdrew the call.");
            return new OperationCanceledException(Status.Detail, exception, _caller);
        }
        else if (_stop.IsCancellationRequested)
        {
            Status ??= new GrpcStatus(GrpcStatusCode.Cancelled, "The call was stopped.");
        }

        Status ??= GrpcTransportErrors.ToStatus(exception);
        return new GrpcException(Status, null, exception);
    }

    /// <summary>Ends the call at once; the server sees a reset.</summary>
    public void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Disposed by another thread in the same moment: stopped all the same.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        Stop();
        try
        {
            await _opening;
        }
        catch (Exception exception) when (exception is GrpcException or HttpRequestException or OperationCanceledException or IOException)
        {
            // Whoever waited for the response was told already.
        }

        await _onStop.DisposeAsync();
        _response?.Dispose();
        _deadline?.Dispose();
        _stop.Dispose();
    }

    private static bool IsOwn(Exception exception, CancellationToken cancellationToken) =>
        exception is OperationCanceledException && cancellationToken.IsCancellationRequested;

    private async Task<GrpcFrameReader> OpenAsync(GrpcChannel channel, HttpRequestMessage request)
    {
        _response = await channel.SendAsync(request, _stop.Token);

        // The token given to SendAsync counts until the headers came; from then on disposing of the response resets the stream.
        _onStop = _stop.Token.Register(static response => ((HttpResponseMessage)response!).Dispose(), _response);
        Headers = GrpcTransportErrors.ReadMetadata(_response.Headers);
        if (_response.StatusCode != HttpStatusCode.OK || !GrpcHeaders.IsGrpc(_response.Content.Headers.ContentType?.MediaType))
        {
            var status = GrpcTransportErrors.ReadStatus(_response.Headers) ?? GrpcTransportErrors.FromHttp(_response);
            throw new GrpcException(status, Headers);
        }

        _input = PipeReader.Create(await _response.Content.ReadAsStreamAsync(_stop.Token), _inputOptions);
        var encoding = _response.Headers.TryGetValues(GrpcHeaders.Encoding, out var values) ? values.FirstOrDefault() : null;
        return new GrpcFrameReader(_input, _maxReceiveBytes, encoding);
    }

    private void ReadTrailers(HttpResponseMessage response)
    {
        Trailers = GrpcTransportErrors.ReadMetadata(response.TrailingHeaders);
        var status = GrpcTransportErrors.ReadStatus(response.TrailingHeaders);
        if (status is null && (status = GrpcTransportErrors.ReadStatus(response.Headers)) is not null)
        {
            // A response of trailers only: all its metadata came in what HTTP calls the headers.
            Trailers = Headers;
        }

        Status ??= status ?? new GrpcStatus(GrpcStatusCode.Unknown, "The server ended the call without a status.");
    }
}
