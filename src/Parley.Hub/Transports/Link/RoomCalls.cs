using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Hub.Rooms;
using Parley.Hub.Sessions;
using Parley.Hub.Transports.Http.Rooms;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;
using Turn = Parley.Hub.Rooms.Turn;

namespace Parley.Hub.Transports.Link;

/// <summary>Rooms for agents that have a link: docs/protocol/hub-link.md. The same service as over HTTP, asked by frames. Whoever has a token may use it, whatever agent it is.</summary>
/// <param name="rooms">The rooms.</param>
/// <param name="options">The longest text.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Defects.</param>
internal sealed partial class RoomCalls(RoomService rooms, IOptions<RoomOptions> options, TimeProvider time, ILogger<RoomCalls> logger)
{
    private static readonly TimeSpan _acknowledgeLimit = TimeSpan.FromMinutes(1);

    /// <summary>Refuses what must not even be read into memory: a text that is too long, or of somebody without a seat.</summary>
    /// <exception cref="ParleyException">It is refused.</exception>
    public void CheckAnnounced(RoomCall call)
    {
        if (call.Operation != RoomOperation.Send)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Only what is sent has a text.");
        }

        rooms.RequireSeat(call.Token);
        if (call.TextSize > options.Value.MaxMessageBytes)
        {
            throw RoomRefusals.TooLarge();
        }
    }

    /// <summary>Answers one call; a refusal is an answer too. Nothing is answered to whoever gave up.</summary>
    public async Task AnswerAsync(Session session, RoomCall call, RoomCallUnderWay underWay)
    {
        try
        {
            if (await RunAsync(session, call, underWay) is { } answer)
            {
                Send(session, call, answer);
            }
        }
        catch (OperationCanceledException) when (underWay.Ended.IsCancellationRequested)
        {
            // What was leased went back.
        }
        catch (ParleyException refusal)
        {
            Refuse(session, call, refusal);
        }
        catch (Exception exception)
        {
            LogFailed(call.Operation, exception);
            Refuse(session, call, new ParleyException(ErrorCode.Internal, "The hub failed; its log has the details."));
        }
    }

    /// <summary>Answers with a refusal.</summary>
    public static void Refuse(Session session, RoomCall call, ParleyException refusal) => Send(session, call, new RoomAnswer
    {
        Error = refusal.Row.WireName,
        Message = refusal.Message,
        RetryAfterMs = (ulong)Math.Ceiling((refusal.RetryAfter ?? TimeSpan.Zero).TotalMilliseconds),
    });

    private static void Send(Session session, RoomCall call, RoomAnswer answer)
    {
        answer.Number = call.Number;
        session.Outbox.Send(new Frame { RoomAnswer = answer });
    }

    // Agents are counted by who they are, not by where they are.
    private static string CallerOf(Session session) => "agent " + session.Address;

    private static RoomRole RoleOf(SeatRole role) => role == SeatRole.Host ? RoomRole.Host : RoomRole.Joiner;

    private static string? NonEmpty(string text) => text.Length == 0 ? null : text;

    private async ValueTask<RoomAnswer?> RunAsync(Session session, RoomCall call, RoomCallUnderWay underWay)
    {
        switch (call.Operation)
        {
            case RoomOperation.Open:
                var opened = rooms.SetUp(CallerOf(session), call.IsListener ? RoomKind.Listener : RoomKind.Standard, call.IsHeadless, NonEmpty(call.Token));
                return new RoomAnswer { Token = opened.Token, Code = opened.Code, Role = RoleOf(opened.Role), IsHeadless = call.IsHeadless };
            case RoomOperation.Join:
                var joined = rooms.RegisterAndJoin(CallerOf(session), call.Code);
                return new RoomAnswer { Token = joined.Token, Role = RoleOf(joined.Role), IsHeadless = joined.IsHeadless };
            case RoomOperation.Send:
                return await SendAsync(call, underWay.Ended);
            case RoomOperation.Wait:
                return await WaitAsync(session, call, underWay);
            case RoomOperation.Ping:
                var presence = rooms.Ping(call.Token);
                return new RoomAnswer { IsPartnerConnected = presence.IsPartnerConnected, PartnerLastSeenMs = (ulong)(presence.PartnerLastSeen ?? TimeSpan.Zero).TotalMilliseconds };
            case RoomOperation.SetHeadless:
                rooms.SetHeadless(call.Token, call.IsHeadless);
                return new RoomAnswer();
            case RoomOperation.Leave:
                rooms.Leave(call.Token);
                return new RoomAnswer();
            default:
                throw new ParleyException(ErrorCode.Unsupported, "This hub's rooms have no such operation.");
        }
    }

    private async Task<RoomAnswer> SendAsync(RoomCall call, CancellationToken cancellationToken)
    {
        if (call.Text.IsEmpty)
        {
            throw RoomRefusals.TextMissing();
        }

        if (call.Text.Length > options.Value.MaxMessageBytes)
        {
            throw RoomRefusals.TooLarge();
        }

        await rooms.PaceSendAsync(call.Token, cancellationToken);
        rooms.Send(call.Token, Charsets.Decode(Encoding.UTF8, call.Text.Span), call.IsHuman, NonEmpty(call.Message));
        return new RoomAnswer();
    }

    private async Task<RoomAnswer?> WaitAsync(Session session, RoomCall call, RoomCallUnderWay underWay)
    {
        using var delivery = await rooms.WaitAsync(call.Token, underWay.Ended);
        if (delivery is null)
        {
            return new RoomAnswer();
        }

        await underWay.HandOverAsync(delivery, () => SendEvent(session, call, delivery.Item), _acknowledgeLimit, time);
        return null;
    }

    private static void SendEvent(Session session, RoomCall call, RoomItem item)
    {
        var shown = new RoomEvent
        {
            Number = call.Number,
            Position = item.Position,
            From = item.From,
            Marker = item.Turn switch { Turn.Over => RoomMarker.Over, Turn.Standby => RoomMarker.Standby, _ => RoomMarker.Unspecified },
            IsHuman = item.IsHuman,
        };
        RoomFrames.AppendEvent(session.Outbox, shown, item.Body.Bytes);
        session.Outbox.Flush();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The room call {Operation} failed")]
    private partial void LogFailed(RoomOperation operation, Exception exception);
}
