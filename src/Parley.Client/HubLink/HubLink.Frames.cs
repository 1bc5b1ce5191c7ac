using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.HubLink;

public sealed partial class HubLink
{
    /// <summary>Bytes of chunked bodies that may be open while they arrive.</summary>
    private const long MaxOpenBytes = 8L * MessagingLimits.MaxBodyBytes;

    /// <summary>The link whose read this thread handles: what is appended to it then goes out in one write at the end.</summary>
    [ThreadStatic]
    private static HubLink? _reading;

    private long _lastHeard;

    private async Task ReadAsync(ILinkTransport transport, FrameOutbox outbox, CancellationToken cancellationToken)
    {
        _roomTexts = null;
        var assembly = new BodyAssembly();
        var frames = new FrameReader();
        var deliveries = new Dictionary<string, (ulong Number, DeliveryNote Note)>();
        while (true)
        {
            var read = await transport.Input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            _lastHeard = _time.GetTimestamp();
            _reading = this;
            try
            {
                while (frames.TryRead(ref buffer, out var frame))
                {
                    Handle(frame, assembly, deliveries);
                }
            }
            finally
            {
                _reading = null;
                outbox.Flush();
            }

            transport.Input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private void Handle(in LinkFrame frame, BodyAssembly assembly, Dictionary<string, (ulong Number, DeliveryNote Note)> deliveries)
    {
        switch (frame.Kind)
        {
            case Frame.BodyOneofCase.Delivery when frame.Envelope!.BodySize > 0:
                assembly.Begin(frame.Envelope, MaxOpenBytes);
                deliveries[KeyOf(frame.Envelope)] = (frame.Number, frame.Note);
                break;
            case Frame.BodyOneofCase.Delivery:
                TakeDelivery(frame.Number, frame.Note, frame.Envelope!);
                break;
            case Frame.BodyOneofCase.Receipts:
                TakeReceipts(frame.Receipts);
                break;
            default:
                Handle(frame.Whole!, assembly, deliveries);
                break;
        }
    }

    private void Handle(Frame frame, BodyAssembly assembly, Dictionary<string, (ulong Number, DeliveryNote Note)> deliveries)
    {
        switch (frame.BodyCase)
        {
            case Frame.BodyOneofCase.Chunk:
                if (assembly.Add(frame.Chunk) is { } whole && deliveries.Remove(KeyOf(whole), out var delivery))
                {
                    TakeDelivery(delivery.Number, delivery.Note, whole);
                }

                break;
            case Frame.BodyOneofCase.Result:
                TakeResult(frame.Result);
                break;
            case Frame.BodyOneofCase.RoomAnswer:
                TakeRoomReply(frame.RoomAnswer.Number, new RoomReply(frame.RoomAnswer, null));
                break;
            case Frame.BodyOneofCase.RoomEvent:
                TakeRoomEvent(frame.RoomEvent);
                break;
            case Frame.BodyOneofCase.RoomChunk:
                TakeRoomChunk(frame.RoomChunk);
                break;
            case Frame.BodyOneofCase.Signal or Frame.BodyOneofCase.SignalRefusal or Frame.BodyOneofCase.SignalNotice or Frame.BodyOneofCase.CircuitTicket:
                Signals?.OnSignal(frame);
                break;
            case Frame.BodyOneofCase.Ping:
                Append(new Frame { Pong = new Pong { Number = frame.Ping.Number } });
                break;
            case Frame.BodyOneofCase.Drain:
                _spread = TimeSpan.FromMilliseconds(frame.Drain.SpreadMs);
                _ = LeaveAsync(_spread.Value);
                break;
            case Frame.BodyOneofCase.Goodbye:
                TakeGoodbye(frame.Goodbye);
                break;
            default:
                // Frames of a newer version are skipped, so that it may add some.
                break;
        }
    }

    private static string KeyOf(Envelope envelope) => envelope.From + "/" + envelope.Id;

    /// <summary>All are told before a send completes: whoever waits for it then knows the whole frame.</summary>
    private void TakeReceipts(IReadOnlyList<Receipt> receipts)
    {
        foreach (var receipt in receipts)
        {
            _events.OnReceipt(receipt);
        }

        foreach (var receipt in receipts)
        {
            CompleteSend(receipt);
        }
    }

    private void TakeDelivery(ulong number, in DeliveryNote note, Envelope envelope)
    {
        if (note.RequestDeliveredMs > 0)
        {
            var delivered = new Receipt { Id = envelope.Correlation, To = envelope.From, State = ReceiptState.Delivered, AtMs = note.RequestDeliveredMs };
            _events.OnReceipt(delivered);
            CompleteSend(delivered);
        }

        // From here on the time of acceptance is told by this machine's clock, which may differ from the hub's.
        envelope.AcceptedAtMs = _time.GetUtcNow().ToUnixTimeMilliseconds() - Math.Clamp(note.AgeMs, 0, int.MaxValue);
        _events.OnDelivery(new IncomingEnvelope(envelope, number, Volatile.Read(ref _generation), note.IsRedelivered));
    }

    private void CompleteSend(Receipt receipt)
    {
        PendingSend pending = default;
        if (receipt.State != ReceiptState.Unspecified)
        {
            lock (_gate)
            {
                _sends.Remove(receipt.Id, out pending);
            }
        }

        if (receipt.State == ReceiptState.Refused)
        {
            pending.Completion?.TrySetException(new ParleyException(ErrorMap.FromWireName(receipt.Code), receipt.Message));
        }
        else
        {
            pending.Completion?.TrySetResult(receipt);
        }
    }

    private void TakeResult(CallResult result)
    {
        TaskCompletionSource<CallResult>? call;
        lock (_gate)
        {
            _calls.TryGetValue(result.Number, out call);
        }

        call?.TrySetResult(result);
    }

    private static void TakeGoodbye(Goodbye goodbye)
    {
        var code = goodbye.Code.Length == 0 ? ErrorCode.HubUnreachable : ErrorMap.FromWireName(goodbye.Code);
        var reason = new ParleyException(code, goodbye.Message.Length == 0 ? "The hub closed the link." : goodbye.Message);
        throw goodbye.MayReturn ? reason : new LinkEndedException(reason);
    }

    /// <summary>A draining hub asked us to leave: cut at a moment of our own, so that not all come back at once.</summary>
    private async Task LeaveAsync(TimeSpan spread)
    {
        var fraction = new byte[1];
        _random(fraction);
        FrameOutbox? outbox;
        lock (_gate)
        {
            outbox = _outbox;
        }

        try
        {
            await Task.Delay(spread * (fraction[0] / 255d), _time, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        outbox?.Send(new Frame { Goodbye = new Goodbye() });
    }

    private void Beat(FrameOutbox outbox, ILinkTransport transport)
    {
        var silence = _time.GetElapsedTime(Volatile.Read(ref _lastHeard));
        if (_heartbeat.IsDead(silence))
        {
            transport.Abort();
        }
        else if (_heartbeat.ClientPings(silence))
        {
            outbox.Send(new Frame { Ping = new Ping() });
        }
    }

    private static async Task<Frame> ReadOneAsync(ILinkTransport transport, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await transport.Input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (FrameCodec.TryRead(ref buffer, out var frame))
            {
                transport.Input.AdvanceTo(buffer.Start);
                if (frame.BodyCase == Frame.BodyOneofCase.Goodbye)
                {
                    TakeGoodbye(frame.Goodbye);
                }

                return frame;
            }

            transport.Input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                throw new IOException("The link ended during the handshake.");
            }
        }
    }
}
