using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Parley.Gateway.OpenAi;
using Parley.Hub.AgentApi.Conversations;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http.OpenAi;

/// <summary>Brings the answers of conversations to callers, whole or as a stream.</summary>
internal sealed class AnswerDesk(EventStreams streams, AgentCallRates rates, IOptions<DoorOptions> options, TimeProvider time)
{
    /// <summary>Counts a call.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RateLimited"/>.</exception>
    public void Count(Principal caller) => rates.Take(caller);

    /// <summary>Answers with one JSON object when the answer is complete.</summary>
    /// <param name="context">The request.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="keepAsync">What is to be done before the answer is told.</param>
    /// <param name="write">Writes the object.</param>
    public async Task AnswerAsync(HttpContext context, Conversation conversation, Func<ModelAnswer, Task> keepAsync, Action<IBufferWriter<byte>, ModelAnswer> write)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, streams.Stopping);
        try
        {
            await foreach (var answerEvent in AnswerEvent.ReadAsync(conversation, Timeout.InfiniteTimeSpan, time, keepAsync, ending.Token))
            {
                if (answerEvent.Answer is { } answer)
                {
                    var output = new ArrayBufferWriter<byte>();
                    write(output, answer);
                    await WriteAsync(context, output.WrittenMemory);
                }
            }
        }
        catch (OperationCanceledException) when (streams.Stopping.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            throw EventStreams.StoppingRefusal();
        }
    }

    /// <summary>Answers with a stream of events.</summary>
    /// <param name="context">The request.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="keepAsync">What is to be done before the end is told.</param>
    /// <param name="write">Writes one event.</param>
    /// <param name="writeFailure">Writes the end of a stream that fails.</param>
    public Task StreamAsync(
        HttpContext context, Conversation conversation, Func<ModelAnswer, Task> keepAsync,
        Action<IBufferWriter<byte>, AnswerEvent> write, Action<IBufferWriter<byte>, ParleyException> writeFailure) =>
        streams.SendAsync(
            context, cancellationToken => AnswerEvent.ReadAsync(conversation, options.Value.StreamHeartbeat, time, keepAsync, cancellationToken), write, writeFailure);

    /// <summary>Writes a JSON object that is not to be kept on the way.</summary>
    public static Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }
}
