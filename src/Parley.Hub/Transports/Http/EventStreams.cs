using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Parley.Gateway.Sse;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http;

/// <summary>Answers with server-sent events, for every dialect that streams.</summary>
/// <remarks>
/// Until the first event nothing is answered, so that a refusal can still be a plain one; later ones are the dialect's own event. Silence is filled with comments.
/// Events that are there already go out in one write. A client that goes away ends the reading of events, and nothing else.
/// </remarks>
internal sealed class EventStreams
{
    private const int MaxUnflushed = 64 * 1024;

    private readonly ApiErrors _errors;
    private readonly IHostApplicationLifetime _life;
    private readonly TimeProvider _time;
    private readonly TimeSpan _heartbeat;

    /// <summary>Streams of one hub.</summary>
    public EventStreams(ApiErrors errors, IHostApplicationLifetime life, TimeProvider time, IOptions<DoorOptions> options) =>
        (_errors, _life, _time, _heartbeat) = (errors, life, time, options.Value.StreamHeartbeat);

    /// <summary>Cancelled when the hub stops: who waits is told so then.</summary>
    public CancellationToken Stopping => _life.ApplicationStopping;

    /// <summary>What a caller hears who waits when the hub stops.</summary>
    public static ParleyException StoppingRefusal() => new(ErrorCode.Draining, "The hub is stopping; what was accepted goes on when it is back.");

    /// <summary>Sends events until they end.</summary>
    /// <param name="context">The request.</param>
    /// <param name="source">The events; its token is cancelled when the client goes away or the hub stops.</param>
    /// <param name="write">Writes one event; one that writes nothing begins the answer all the same.</param>
    /// <param name="writeRefusal">Writes the last event of a stream that fails.</param>
    public async Task SendAsync<T>(
        HttpContext context,
        Func<CancellationToken, IAsyncEnumerable<T>> source,
        Action<IBufferWriter<byte>, T> write,
        Action<IBufferWriter<byte>, ParleyException> writeRefusal)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, Stopping);
        var events = source(ending.Token).GetAsyncEnumerator(ending.Token);
        var next = Task.FromResult(true);
        var hasBegun = false;
        try
        {
            next = events.MoveNextAsync().AsTask();
            for (var hasEvent = await next; hasEvent; hasEvent = await next)
            {
                hasBegun = Begin(context.Response, hasBegun);
                write(context.Response.BodyWriter, events.Current);
                next = events.MoveNextAsync().AsTask();
                await FlushAsync(context, next);
            }

            hasBegun = Begin(context.Response, hasBegun);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told anything.
        }
        catch (Exception exception)
        {
            // At the top of the request; a defect is logged where it is translated.
            var refusal = exception is OperationCanceledException && Stopping.IsCancellationRequested ? StoppingRefusal() : _errors.Translate(context, exception);
            if (!hasBegun)
            {
                throw refusal;
            }

            writeRefusal(context.Response.BodyWriter, refusal);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
        finally
        {
            // The source may be amid its next event, and can only be closed when it is not.
            await ending.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await events.DisposeAsync();
        }
    }

    // Not by whether the response has started: what was written before its first flush can be neither taken back nor followed by another answer.
    private static bool Begin(HttpResponse response, bool hasBegun)
    {
        if (!hasBegun)
        {
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-store";

            // Proxies that collect answers before they pass them on heed this.
            response.Headers["X-Accel-Buffering"] = "no";
        }

        return true;
    }

    // Flushes what was written when nothing follows at once, and then says something from time to time.
    private async Task FlushAsync(HttpContext context, Task<bool> next)
    {
        var output = context.Response.BodyWriter;
        if (next.IsCompleted && output.CanGetUnflushedBytes && output.UnflushedBytes < MaxUnflushed)
        {
            return;
        }

        await output.FlushAsync(context.RequestAborted);
        while (!next.IsCompleted)
        {
            try
            {
                await next.WaitAsync(_heartbeat, _time, context.RequestAborted);
            }
            catch (TimeoutException) when (!next.IsFaulted)
            {
                output.Write(SseWriter.Heartbeat);
                await output.FlushAsync(context.RequestAborted);
            }
        }
    }
}
