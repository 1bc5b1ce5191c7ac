using Microsoft.Extensions.Logging;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Wire;

namespace Parley.Client.Responders;

/// <summary>Everything between a door and its responder: who may ask, what type goes where, how many at once, for how long, and what the answer looks like.</summary>
/// <remarks>Thread-safe. What goes wrong with one message ends in that message's reply and nowhere else.</remarks>
public sealed partial class ResponderPipeline : IAsyncDisposable
{
    private readonly IResponder? _responder;
    private readonly ResponderPolicy _policy;
    private readonly TimeProvider _clock;
    private readonly ILogger<ResponderPipeline> _log;
    private readonly FairGate _gate;
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly OpenWork _active = new();

    /// <summary>Sets up the pipeline.</summary>
    /// <param name="responder">Who answers; null for a listener that only prints and saves.</param>
    /// <param name="policy">The limits around it.</param>
    /// <param name="clock">For timeouts.</param>
    /// <param name="log">Failures of responders; ids and codes only.</param>
    public ResponderPipeline(IResponder? responder, ResponderPolicy policy, TimeProvider clock, ILogger<ResponderPipeline> log)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(policy.Concurrency, 1, nameof(policy));
        _responder = responder;
        _policy = policy;
        _clock = clock;
        _log = log;
        _gate = new FairGate(policy.Concurrency);
    }

    /// <summary>Decides what becomes of a message before any work.</summary>
    /// <exception cref="ParleyException">
    /// <see cref="ErrorCode.ResponderMissing"/> for a command that nothing here runs; <see cref="ErrorCode.ResponderNotAllowed"/> when the responder does not serve the sender.
    /// </exception>
    public MessageRoute Route(ResponderRequest request)
    {
        var route = MessageRouting.Decide(request.Type, _responder?.Traits);
        if (route == MessageRoute.Respond && !_policy.Senders.Allows(request.From))
        {
            throw new ParleyException(ErrorCode.ResponderNotAllowed, "The listener's responder does not serve this sender.");
        }

        return route;
    }

    /// <summary>Answers a message. Refusals, failures, timeouts and the sender's cancellation are replies.</summary>
    /// <param name="request">The message.</param>
    /// <param name="sink">Hears what happens; a part that it cannot take is left out, the reply has everything.</param>
    /// <param name="cancellationToken">The sender cancelled.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Draining"/>: the pipeline stops and this message was not started; it may run another time.</exception>
    public async Task<Reply> AnswerAsync(ResponderRequest request, IAnswerSink sink, CancellationToken cancellationToken)
    {
        try
        {
            if (Route(request) != MessageRoute.Respond)
            {
                return ReplyAssembler.Failure(ErrorCode.Unsupported, "The listener's responder does not take this type of message.");
            }
        }
        catch (ParleyException refusal)
        {
            return ReplyAssembler.Failure(refusal.Code, refusal.Message);
        }

        lock (_lock)
        {
            if (_closing.IsCancellationRequested)
            {
                throw Stopping();
            }

            _active.Begin();
        }

        try
        {
            // The caller's thread reads a link; the responder must not hold it up.
            await Task.Yield();
            return await QueueAsync(request, sink, cancellationToken);
        }
        finally
        {
            _active.End();
        }
    }

    /// <summary>Takes nothing new, lets what is queued go, waits up to <paramref name="grace"/> for what runs and stops the rest, which ends as interrupted.</summary>
    public async Task DrainAsync(TimeSpan grace)
    {
        lock (_lock)
        {
            _closing.Cancel();
        }

        var all = _active.IdleAsync();
        if (grace > TimeSpan.Zero)
        {
            await Task.WhenAny(all, Task.Delay(grace, _clock, CancellationToken.None));
        }

        await _stop.CancelAsync();
        await all;
    }

    /// <summary>Stops everything at once.</summary>
    public async ValueTask DisposeAsync() => await DrainAsync(TimeSpan.Zero);

    private static ParleyException Stopping() => new(ErrorCode.Draining, "The listener is stopping; the message was not started.");

    private async Task<Reply> QueueAsync(ResponderRequest request, IAnswerSink sink, CancellationToken cancellationToken)
    {
        var arrived = _clock.GetTimestamp();
        var lane = request.Thread.Length == 0 ? null : $"{request.From}\n{request.Thread}";
        if (cancellationToken.IsCancellationRequested)
        {
            return Canceled();
        }

        if (_closing.IsCancellationRequested)
        {
            throw Stopping();
        }

        using (var place = _gate.TryEnter(lane) ?? await WaitForPlaceAsync(lane, cancellationToken))
        {
            if (place is null)
            {
                return Canceled();
            }

            if (IsTooLate(request, arrived))
            {
                return ReplyAssembler.Failure(ErrorCode.MessageExpired, "The sender stopped waiting before the command's turn came; it was not run.");
            }

            // What notes the start may have to wait for a disk with room: that must not keep who stops.
            using var starting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
            try
            {
                await sink.StartedAsync(starting.Token);
            }
            catch (OperationCanceledException) when (starting.IsCancellationRequested)
            {
                return cancellationToken.IsCancellationRequested ? Canceled() : throw Stopping();
            }

            return await RunAsync(request, sink, cancellationToken);
        }
    }

    /// <summary>What runs as a command runs while its sender waits or not at all: nobody wants it at midnight.</summary>
    private bool IsTooLate(ResponderRequest request, long arrived)
    {
        var runs = request.Type == MessageType.Command || (request.Type == MessageType.Auto && _responder!.Traits.HasFlag(ResponderTraits.Shell));
        if (!runs || request.Deadline is not { } deadline)
        {
            return false;
        }

        // The wall clock may have been set meanwhile; the other one counts from the arrival only.
        var age = request.AcceptedAt is { } acceptedAt ? _clock.GetUtcNow() - acceptedAt : TimeSpan.Zero;
        return age > deadline || _clock.GetElapsedTime(arrived) > deadline;
    }

    /// <summary>Waits for its turn; null when the sender cancelled meanwhile.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Draining"/>: the pipeline stops.</exception>
    private async Task<IDisposable?> WaitForPlaceAsync(string? lane, CancellationToken cancellationToken)
    {
        using var queued = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        try
        {
            return await _gate.EnterAsync(lane, queued.Token);
        }
        catch (OperationCanceledException)
        {
            return cancellationToken.IsCancellationRequested ? null : throw Stopping();
        }
    }

    private static Reply Canceled() => ReplyAssembler.Failure(ErrorCode.Canceled, "Cancelled by the sender before it started.");

    private async Task<Reply> RunAsync(ResponderRequest request, IAnswerSink sink, CancellationToken cancellationToken)
    {
        var assembler = new ReplyAssembler(_policy.Limits, request.Id);
        using var run = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _clock);
        await using var onCancel = cancellationToken.UnsafeRegister(Stop, run);
        await using var onStop = _stop.Token.UnsafeRegister(Stop, run);
        try
        {
            // Within the try, as all that may fail from here on: the message is journalled as started, and nothing else would answer it.
            run.CancelAfter(_policy.Timeout);
            await ForwardAllAsync(_responder!.RespondAsync(request, run.Token), assembler, sink, request.Id, run.Token);
        }
        catch (ParleyException refusal) when (!run.IsCancellationRequested)
        {
            assembler.Fail(refusal.Code, refusal.Message);
        }
        catch (Exception exception) when (!run.IsCancellationRequested)
        {
            LogFailed(exception, request.Id);
            assembler.Fail(ErrorCode.ResponderFailed, "The responder failed; the log of its listener has the details.");
        }
        catch (Exception)
        {
            // Stopped: however it ended, the reason is one of the three below.
        }

        if (cancellationToken.IsCancellationRequested)
        {
            assembler.Fail(ErrorCode.Canceled, "Cancelled by the sender.");
        }
        else if (_stop.IsCancellationRequested)
        {
            assembler.Fail(ErrorCode.ResponderInterrupted, "The listener stopped while the message ran.");
        }
        else if (run.IsCancellationRequested)
        {
            assembler.Fail(ErrorCode.ResponderTimeout, $"The responder ran longer than {DurationText.Format(_policy.Timeout)} and was stopped.");
        }

        return assembler.ToReply();
    }

    private static void Stop(object? run) => ((CancellationTokenSource)run!).Cancel();

    private async Task ForwardAllAsync(
        IAsyncEnumerable<ResponderEvent> answer, ReplyAssembler assembler, IAnswerSink sink, string id, CancellationToken cancellationToken)
    {
        var isHeard = true;
        var hasStreamed = false;
        await using var events = answer.GetAsyncEnumerator(cancellationToken);
        var hasNext = await events.MoveNextAsync();
        while (hasNext)
        {
            var responderEvent = events.Current;
            var parts = assembler.Add(responderEvent);
            if (assembler.IsFinished)
            {
                await ForwardAsync(responderEvent, [], isHeard ? sink : null, id, cancellationToken);
                return;
            }

            // Output that is all there is, and that the end follows at once, need not be streamed: the reply goes out with it.
            var next = events.MoveNextAsync().AsTask();
            var isAll = !hasStreamed && next.IsCompletedSuccessfully && !await next;
            isHeard = await ForwardAsync(responderEvent, isAll ? [] : parts, isHeard ? sink : null, id, cancellationToken);
            hasStreamed |= parts.Count > 0;
            hasNext = await next;
        }
    }

    // A door that cannot take a part (its link is down) must not end the run: the reply has it all.
    private async Task<bool> ForwardAsync(ResponderEvent responderEvent, IReadOnlyList<Part> parts, IAnswerSink? sink, string id, CancellationToken cancellationToken)
    {
        if (sink is null)
        {
            return false;
        }

        try
        {
            await sink.EventAsync(responderEvent, cancellationToken);
            foreach (var part in parts)
            {
                await sink.PartAsync(part, cancellationToken);
            }

            return true;
        }
        catch (Exception exception)
        {
            LogNotStreamed(exception, id);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Responder failed on message {Id}")]
    private partial void LogFailed(Exception exception, string id);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Output of message {Id} is not streamed any more")]
    private partial void LogNotStreamed(Exception exception, string id);
}
