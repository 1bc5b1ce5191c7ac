using Parley.Protocol.Wire;

namespace Parley.Client.Responders;

/// <summary>Everything between a door and its responder: who may ask, what type goes where, how many at once, for how long, and what the answer looks like.</summary>
public sealed class ResponderPipeline
{
    /// <summary>Decides what becomes of a message before any work.</summary>
    /// <exception cref="Parley.Protocol.Errors.ParleyException">responder.not_allowed, responder.missing.</exception>
    public MessageRoute Route(ResponderRequest request) => throw new NotSupportedException(request.Id);

    /// <summary>Answers a message whose route is <see cref="MessageRoute.Respond"/>. Failures are replies; it never throws for them.</summary>
    public Task<Reply> AnswerAsync(ResponderRequest request, IAnswerSink sink, CancellationToken cancellationToken) => throw new NotSupportedException(request.Id);

    /// <summary>Takes nothing new, waits up to <paramref name="grace"/> for what runs, stops the rest.</summary>
    public Task DrainAsync(TimeSpan grace) => throw new NotSupportedException();
}
