using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Rooms.Supervision;

/// <summary>Looks after one session: takes a seat, hands what the partner says to a runner, sends what it answers, and waits again, until a person or the partner ends it.</summary>
/// <remarks>
/// <code>
///   seated -> (host: opening) -> waiting -> message -> runner -> reply -> waiting
///                                        -> [STANDBY], notice -> waiting
///                                        -> closing notice -> Closed
///                                        -> the room is unknown: host and listener take a new one, a joiner ends with Lost
///   runner fails: word to the partner, leave, RunnerFailed. Stopped by a signal: leave.
/// </code>
/// A wait stands while the runner works: it keeps the room alive, and a partner that closes stops the runner. Nobody leaves because a task is done.
/// </remarks>
public sealed partial class Supervisor
{
    private static readonly TimeSpan _farewellTime = TimeSpan.FromSeconds(5);

    private readonly SupervisorOptions _options;
    private readonly IRoomDoor _door;
    private readonly SupervisorFolder _folder;
    private readonly SessionRunner _runner;
    private readonly ISupervisorScreen _screen;
    private readonly TimeProvider _time;
    private readonly FillRandom _random;
    private readonly Queue<SpokenTurn> _earlier = new();

    /// <summary>A session that has not begun.</summary>
    /// <param name="options">How it begins and what it is for.</param>
    /// <param name="door">The way to the hub; not disposed.</param>
    /// <param name="folder">Where the session is kept.</param>
    /// <param name="runner">What answers.</param>
    /// <param name="screen">Where it is told what goes on.</param>
    /// <param name="time">Clock.</param>
    /// <param name="random">For ids and jitter.</param>
    public Supervisor(
        SupervisorOptions options, IRoomDoor door, SupervisorFolder folder, SessionRunner runner, ISupervisorScreen screen, TimeProvider time, FillRandom random) =>
        (_options, _door, _folder, _runner, _screen, _time, _random) = (options, door, folder, runner, screen, time, random);

    private SavedSession Session => _folder.Session;

    /// <summary>Runs the session to its end. Whatever ends it, the seat is left, so that no partner waits for nobody.</summary>
    /// <exception cref="ParleyException">It could not begin, or went on no longer.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<SupervisorEnd> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var seat = await TakeSeatAsync(cancellationToken);
            while (true)
            {
                var end = await ConverseAsync(seat, cancellationToken);
                if (end != SupervisorEnd.Lost || _options.Code is not null)
                {
                    Finish(end == SupervisorEnd.Closed ? SessionStatus.Closed : SessionStatus.Error, ReasonOf(end));
                    return end;
                }

                Tell("ROOM_LOST the hub does not know the room any more; a new one is made", SessionStatus.Retrying);
                seat = await RetryAsync(TakeSeatAsync, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Finish(SessionStatus.Closed, "stopped");
            throw;
        }
        catch (ParleyException refusal)
        {
            Finish(SessionStatus.Error, refusal.Row.WireName);
            throw;
        }
        finally
        {
            await LeaveAsync();
        }
    }

    private static string? ReasonOf(SupervisorEnd end) => end switch
    {
        SupervisorEnd.Lost => ErrorMap.Of(ErrorCode.RoomNotIn).WireName,
        SupervisorEnd.RunnerFailed => ErrorMap.Of(ErrorCode.ResponderFailed).WireName,
        _ => null,
    };

    private async Task<RoomSeat> TakeSeatAsync(CancellationToken cancellationToken)
    {
        var seat = _options.Code is { } code
            ? await _door.JoinAsync(code, cancellationToken)
            : await _door.OpenAsync(_options.Mode == SupervisorMode.Listen, _options.IsHeadless, null, cancellationToken);
        Session.WriteToken(seat.Token);
        var status = _options.Code is not null ? SessionStatus.Connected
            : _options.Mode == SupervisorMode.Listen ? SessionStatus.WaitingForHost
            : SessionStatus.WaitingForJoin;
        Session.Update(facts => facts with { Status = status, Role = seat.Role, Code = seat.Code, Headless = seat.IsHeadless, LastEvent = "seated" });
        _folder.Note("SEATED " + seat.Role, null);
        _screen.Seated(seat, Session);
        return seat;
    }

    private async Task<SupervisorEnd> ConverseAsync(RoomSeat seat, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reader = new RoomReader(_door, seat.Token, _time, _random) { OnTrouble = refusal => Tell($"HUB_AWAY {refusal.Row.WireName}; trying again", SessionStatus.Retrying) };
        var ahead = new ReadAhead(() => reader.NextAsync(ended.Token));
        ahead.Start();
        try
        {
            if (_options.Mode == SupervisorMode.Host && _options.Code is not null)
            {
                await OpenAsync(seat, ended.Token);
            }

            while (true)
            {
                var item = await ahead.NextAsync();
                if (item.EndsRoom)
                {
                    Note(item);
                    return SupervisorEnd.Closed;
                }

                if (!item.IsMessage)
                {
                    await TakeNoticeAsync(seat, item, ended.Token);
                }
                else if (await TakeMessageAsync(seat, item, ahead, ended.Token) is { } end)
                {
                    return end;
                }
            }
        }
        catch (ParleyException refusal) when (refusal.Code == ErrorCode.RoomNotIn)
        {
            Session.ForgetToken();
            return SupervisorEnd.Lost;
        }
        finally
        {
            await ended.CancelAsync();
            await ahead.StopAsync();
        }
    }

    private async Task TakeNoticeAsync(RoomSeat seat, RoomItem notice, CancellationToken cancellationToken)
    {
        Note(notice);
        switch (notice.Notice)
        {
            case RoomNotice.Joined when _options.Mode == SupervisorMode.Host:
                Session.Update(facts => facts with { Code = null });
                await OpenAsync(seat, cancellationToken);
                break;
            case RoomNotice.Joined:
                Session.Update(facts => facts with { Code = null, Status = SessionStatus.WaitingForReply });
                break;
            case RoomNotice.BothStandby or RoomNotice.Loop:
                Session.Update(facts => facts with { Status = SessionStatus.Paused });
                _screen.Event($"PAUSED a person goes on with: parley room say --human --session {Session.Folder} TEXT");
                break;
            default:
                break;
        }
    }

    private Task OpenAsync(RoomSeat seat, CancellationToken cancellationToken) => SayAsync(seat, RunnerPrompt.Opening(_options), cancellationToken);

    private async Task<SupervisorEnd?> TakeMessageAsync(RoomSeat seat, RoomItem message, ReadAhead ahead, CancellationToken cancellationToken)
    {
        var head = $"INBOUND {(message.IsHuman ? "HUMAN" : message.From)} {RoomTurns.MarkerOf(message.Turn)}".TrimEnd();
        _folder.Note(head, message.Text);
        _screen.Inbound(message);
        Session.Update(facts => facts with { Received = (facts.Received ?? 0) + 1, LastEvent = "message" });
        if (message.Turn == RoomTurn.Standby)
        {
            Session.Update(facts => facts with { Status = SessionStatus.WaitingForReply, LastEvent = "standby" });
            Remember(new SpokenTurn(false, message.Text));
            return null;
        }

        if (await AskRunnerAsync(seat, message, ahead, cancellationToken) is not { } answer)
        {
            return null;
        }

        if (answer.Failure is { } failure)
        {
            await GiveUpAsync(seat, failure, cancellationToken);
            return SupervisorEnd.RunnerFailed;
        }

        Remember(new SpokenTurn(false, message.Text));
        await SayAsync(seat, SupervisorReply.Of(answer.Text), cancellationToken);
        return null;
    }
}
