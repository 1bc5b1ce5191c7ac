using Parley.Protocol.Errors;

namespace Parley.Client.Rooms.Supervision;

public sealed partial class Supervisor
{
    private const string RunnerFailedText = "My runner failed, so I leave the room. " + RoomTurns.Standby;

    private readonly record struct RunnerAnswer(string Text, ParleyException? Failure);

    /// <summary>Runs the runner; null when the room ended meanwhile, which a later item tells.</summary>
    private async Task<RunnerAnswer?> AskRunnerAsync(RoomSeat seat, RoomItem message, ReadAhead ahead, CancellationToken cancellationToken)
    {
        var prompt = RunnerPrompt.For(_options, seat.Role, message, _runner.Remembers ? [] : _earlier);
        SupervisorFolder.Write(_folder.PromptFile, prompt);
        SupervisorFolder.Write(_folder.MessageFile, message.Text);
        Session.Update(facts => facts with { Status = SessionStatus.Working, LastEvent = "runner started" });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answering = _runner.AnswerAsync(_folder, seat.Role, prompt, stop.Token);
        if (await ahead.EndsBeforeAsync(answering))
        {
            await stop.CancelAsync();
        }

        try
        {
            var reply = await answering;
            Session.Update(facts => facts with { RunnerSession = _runner.Remembers ? reply.Session : null, LastEvent = "runner answered" });
            return new RunnerAnswer(reply.Text, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Tell("RUNNER_STOPPED the room ended while it worked", SessionStatus.Connected);
            return null;
        }
        catch (ParleyException failure)
        {
            return new RunnerAnswer(string.Empty, failure);
        }
    }

    /// <summary>Sends, however long the hub is away; the message's id keeps it from arriving twice.</summary>
    private async Task SayAsync(RoomSeat seat, string text, CancellationToken cancellationToken)
    {
        var message = RoomMessage.Of(text, isHuman: false, _random);
        try
        {
            await RetryAsync(
                async stop =>
                {
                    await _door.SendAsync(seat.Token, message, stop);
                    return true;
                },
                cancellationToken);
        }
        catch (ParleyException refusal) when (refusal.Code is ErrorCode.RoomLoop or ErrorCode.RoomPartnerMissing or ErrorCode.RoomNotIn)
        {
            // What to do about it comes as a notice.
            Tell($"NOT_DELIVERED {refusal.Row.WireName}", SessionStatus.Paused);
            return;
        }

        Remember(new SpokenTurn(true, text));
        _folder.Note("OUTBOUND", text);
        _screen.Outbound(text);
        Session.Update(facts => facts with { Status = SessionStatus.WaitingForReply, Sent = (facts.Sent ?? 0) + 1, LastEvent = "sent" });
    }

    private async Task<T> RetryAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        for (var failures = 0; ; failures++)
        {
            TimeSpan pause;
            try
            {
                return await call(cancellationToken);
            }
            catch (ParleyException refusal) when (RoomRetry.IsTransient(refusal.Code))
            {
                Tell($"HUB_AWAY {refusal.Row.WireName}; trying again", SessionStatus.Retrying);
                pause = RoomRetry.DelayAfter(refusal, failures, _random);
            }

            await Task.Delay(pause, _time, cancellationToken);
        }
    }

    private async Task GiveUpAsync(RoomSeat seat, ParleyException failure, CancellationToken cancellationToken)
    {
        Tell("RUNNER_FAILED " + failure.Message, SessionStatus.Error);
        using var late = new CancellationTokenSource(_farewellTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await _door.SendAsync(seat.Token, RoomMessage.Of(RunnerFailedText, isHuman: false, _random), either.Token);
            _folder.Note("OUTBOUND", RunnerFailedText);
        }
        catch (Exception exception) when (exception is ParleyException or OperationCanceledException)
        {
            // The partner learns it from the hub.
        }
    }

    // A person's stop does not spare the partner the news, so this has a time of its own.
    private async Task LeaveAsync()
    {
        if (Session.TryReadToken() is not { } token)
        {
            return;
        }

        using var late = new CancellationTokenSource(_farewellTime, _time);
        try
        {
            await _door.LeaveAsync(token, late.Token);
        }
        catch (Exception exception) when (exception is ParleyException or OperationCanceledException)
        {
            // Over already, or the hub is away: it ends the room by itself.
        }

        Session.ForgetToken();
    }

    private void Finish(string status, string? error)
    {
        Session.Update(facts => facts with { Status = status, Error = error, Code = null, LastEvent = "ended" });
        _folder.Note(status == SessionStatus.Closed ? "CLOSED" : "ENDED", null);
    }

    private void Note(RoomItem notice)
    {
        _folder.Note("NOTICE", notice.Text);
        _screen.Event(notice.Text);
        Session.Update(facts => facts with { Status = SessionStatus.Connected, LastEvent = notice.Notice.ToString() });
    }

    private void Tell(string line, string status)
    {
        _folder.Note(line, null);
        _screen.Event(line);
        Session.Update(facts => facts with { Status = status, LastEvent = line.Split(' ')[0] });
    }

    private void Remember(SpokenTurn turn)
    {
        _earlier.Enqueue(turn);
        while (_earlier.Count > RunnerPrompt.EarlierTurns)
        {
            _earlier.Dequeue();
        }
    }
}
