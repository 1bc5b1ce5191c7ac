using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Hub.Identity.Visitors;
using Parley.Hub.Messaging;
using Parley.Hub.Sessions;
using Parley.Hub.Signalling;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Hub.Transports.Link;

/// <summary>Serves one link from its first byte to its last, whatever carries it.</summary>
internal sealed partial class LinkPump
{
    private static readonly TimeSpan _farewellTime = TimeSpan.FromSeconds(2);

    private readonly LinkHandshake _handshake;
    private readonly SessionService _sessions;
    private readonly Router _router;
    private readonly LinkCalls _calls;
    private readonly RoomCalls _roomCalls;
    private readonly SignalService _signals;
    private readonly RelayCircuits _circuits;
    private readonly MessagingOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<LinkPump> _logger;

    /// <summary>A pump for the links of one node.</summary>
    public LinkPump(
        LinkHandshake handshake,
        SessionService sessions,
        Router router,
        LinkCalls calls,
        RoomCalls roomCalls,
        SignalService signals,
        RelayCircuits circuits,
        IOptions<MessagingOptions> options,
        TimeProvider time,
        ILogger<LinkPump> logger)
    {
        _handshake = handshake;
        _sessions = sessions;
        _router = router;
        _calls = calls;
        _roomCalls = roomCalls;
        _signals = signals;
        _circuits = circuits;
        _options = options.Value;
        _time = time;
        _logger = logger;
    }

    /// <summary>Shakes hands, attaches the session and reads frames until either side ends.</summary>
    public async Task RunAsync(ILinkTransport transport, CancellationToken cancellationToken)
    {
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var outbox = new FrameOutbox(transport, closing.Token);
        Session? session = null;
        try
        {
            var claim = await _handshake.RunAsync(transport, outbox, closing.Token);
            session = await _sessions.OpenAsync(claim, transport, outbox, closing.Token);
            await _sessions.AttachAsync(session, claim, closing.Token);
            _router.Attached(session);
            using var rooms = new LinkRooms(session, _roomCalls);
            await ReadAsync(session, rooms, closing.Token);
        }
        catch (ParleyException exception)
        {
            LogRefused(exception.Row.WireName, transport.Name);
            await SayGoodbyeAsync(outbox, Goodbyes.Refused(exception));
        }
        catch (StoreUnavailableException exception)
        {
            // A listener needs the store to attach. It dials again, and stands when the store does.
            LogRefused(ErrorMap.Of(ErrorCode.Unavailable).WireName, transport.Name);
            await SayGoodbyeAsync(outbox, Goodbyes.Refused(new ParleyException(ErrorCode.Unavailable, exception.Message, exception)));
        }
        catch (Exception exception) when (LinkBreaks.Is(exception))
        {
            LogBroken(transport.Name, exception.GetType().Name);
        }
        finally
        {
            if (session is not null)
            {
                await _sessions.DetachAsync(session);
                _router.Detached(session);
            }

            outbox.Close();
            await closing.CancelAsync();
        }
    }

    private async Task ReadAsync(Session session, LinkRooms rooms, CancellationToken cancellationToken)
    {
        var input = session.Transport.Input;
        var batch = new Batch();
        var frames = new FrameReader();
        var calls = new CallsUnderWay();
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            session.LastHeard = _time.GetTimestamp();
            var isFull = false;
            try
            {
                while (!isFull && frames.TryRead(ref buffer, out var frame))
                {
                    if (!Handle(session, rooms, calls, frame, batch))
                    {
                        return;
                    }

                    // A few bytes may ask for many, so these are not left until the whole batch is done.
                    isFull = frame.Kind is Frame.BodyOneofCase.Call or Frame.BodyOneofCase.Ping && IsFull(session);
                }
            }
            finally
            {
                batch.Flush();
            }

            isFull |= IsFull(session);
            input.AdvanceTo(buffer.Start, isFull ? buffer.Start : buffer.End);
            if (isFull)
            {
                // A client that asks and does not read what it is told; draining needs no frame of it.
                await DrainAsync(session, cancellationToken);
            }
            else if (read.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>Waits until the client took what is too much. What it takes meanwhile is a sign of life: it may need longer than a silence may last.</summary>
    private async Task DrainAsync(Session session, CancellationToken cancellationToken)
    {
        while (IsFull(session))
        {
            var next = Math.Max(_options.DeliveryWindowBytes, session.Outbox.PendingBytes - FrameOutbox.StepBytes);
            await session.Outbox.DrainAsync(next).WaitAsync(cancellationToken);
            session.LastHeard = _time.GetTimestamp();
        }
    }

    private bool IsFull(Session session) => session.Outbox.PendingBytes > _options.DeliveryWindowBytes;

    /// <summary>Handles one frame; false when the client said goodbye.</summary>
    private bool Handle(Session session, LinkRooms rooms, CallsUnderWay calls, in LinkFrame frame, Batch batch)
    {
        if (session.IsMuted)
        {
            return frame.Kind != Frame.BodyOneofCase.Goodbye;
        }

        if (session.Ticket.IsVisitor)
        {
            VisitorRules.CheckFrame(frame.Kind);
        }

        if (frame.Kind == Frame.BodyOneofCase.Send)
        {
            TakeSend(session, frame.Envelope!, batch);
            return true;
        }

        return frame.Whole is not { } whole || Handle(session, rooms, calls, whole, batch);
    }

    private bool Handle(Session session, LinkRooms rooms, CallsUnderWay calls, Frame frame, Batch batch)
    {
        switch (frame.BodyCase)
        {
            case Frame.BodyOneofCase.Chunk:
                if (session.Assembly.Add(frame.Chunk) is { } whole)
                {
                    _router.Submit(session, whole, batch);
                }

                break;
            case Frame.BodyOneofCase.Ack:
                _router.Acknowledge(session, frame.Ack.Numbers, batch);
                break;
            case Frame.BodyOneofCase.Refusal:
                _router.Refuse(session, frame.Refusal, batch);
                break;
            case Frame.BodyOneofCase.Progress:
                _router.ReportProgress(session, frame.Progress, batch);
                break;
            case Frame.BodyOneofCase.Await:
                _router.Await(session, frame.Await.Ids);
                break;
            case Frame.BodyOneofCase.Call:
                _ = _calls.AnswerAsync(session, frame.Call, calls);
                break;
            case Frame.BodyOneofCase.Ping:
                batch.Append(session, new Frame { Pong = new Pong { Number = frame.Ping.Number } });
                break;
            case Frame.BodyOneofCase.Goodbye:
                return false;
            case Frame.BodyOneofCase.RoomCall:
                rooms.Take(frame.RoomCall);
                break;
            case Frame.BodyOneofCase.RoomChunk:
                rooms.Take(frame.RoomChunk);
                break;
            case Frame.BodyOneofCase.RoomAck:
                rooms.Acknowledge(frame.RoomAck.Number);
                break;
            case Frame.BodyOneofCase.RoomCancel:
                rooms.Cancel(frame.RoomCancel.Number);
                break;
            case Frame.BodyOneofCase.Signal:
                _signals.Submit(session, frame.Signal);
                break;
            case Frame.BodyOneofCase.CircuitRequest:
                _circuits.Open(session, frame.CircuitRequest);
                break;
            default:
                // Frames of a newer version are skipped, so that it may add some.
                break;
        }

        return true;
    }

    private void TakeSend(Session session, Envelope envelope, Batch batch)
    {
        envelope.From = string.Empty;
        if (envelope.BodySize == 0)
        {
            _router.Submit(session, envelope, batch);
            return;
        }

        if (envelope.BodySize > MessagingLimits.MaxBodyBytes)
        {
            // One message is refused, not the link: its chunks are on their way already and are dropped as they come.
            session.Assembly.Skip(envelope);
            _router.Submit(session, envelope, batch);
            return;
        }

        session.Assembly.Begin(envelope, _options.OpenBodyBytes);
    }

    private async Task SayGoodbyeAsync(FrameOutbox outbox, Goodbye goodbye)
    {
        outbox.Append(new Frame { Goodbye = goodbye });
        try
        {
            await outbox.FlushAsync().WaitAsync(_farewellTime, _time);
        }
        catch (TimeoutException)
        {
            // A client that does not read misses the reason.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Refused a link over {Transport}: {Code}")]
    private partial void LogRefused(string code, string transport);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A link over {Transport} broke: {Reason}")]
    private partial void LogBroken(string transport, string reason);
}
