using System.Net;
using System.Net.Http.Headers;

namespace Parley.Protocol.Grpc;

/// <summary>A request body that stays open: hands its stream out and ends when told to.</summary>
internal sealed class GrpcStreamContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GrpcStreamContent() => Headers.ContentType = new MediaTypeHeaderValue(GrpcHeaders.ContentType);

    /// <summary>The stream to write to, once the request's headers are on their way; cancelled when the request broke before.</summary>
    public Task<Stream> Opened => _opened.Task;

    /// <summary>Ends the body: the server sees the end of the stream, unless the call was reset before.</summary>
    public void Complete() => _completed.TrySetResult();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // Without a flush the headers wait for the first message, and a server that speaks first is never asked.
        try
        {
            await stream.FlushAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or HttpRequestException)
        {
            _opened.TrySetCanceled(CancellationToken.None);
            throw;
        }

        if (!_opened.TrySetResult(stream))
        {
            throw new IOException("A stream cannot be sent again on another connection.");
        }

        // The token also fires when the server resets the stream. Throwing then would hide the reset's own error, so the body just ends:
        // by then the stream is closed, and nothing of it is sent.
        using var onCancelled = cancellationToken.Register(Complete);
        await _completed.Task;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
