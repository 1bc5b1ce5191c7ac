using Google.Protobuf;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;

namespace Parley.Client.HubLink;

/// <content>Room calls: answered in any order, lost with the connection that they went over.</content>
public sealed partial class HubLink
{
    /// <summary>Bytes of texts that may be open while they arrive.</summary>
    private const long MaxOpenTextBytes = 64 * 1024 * 1024;

    private readonly Dictionary<ulong, TaskCompletionSource<RoomReply>> _roomCalls = [];
    private OpenBodies<ulong, RoomEvent>? _roomTexts;

    /// <summary>Asks the hub's rooms for something, and waits for what comes back.</summary>
    /// <param name="call">The call; its number is set here.</param>
    /// <param name="cancellationToken">Gives it up; the hub is told.</param>
    /// <exception cref="Parley.Protocol.Errors.ParleyException">The link broke before the answer, or ended for good.</exception>
    internal async Task<RoomReply> CallRoomAsync(RoomCall call, CancellationToken cancellationToken)
    {
        await WaitConnectedAsync(cancellationToken);
        var completion = NewCompletion<RoomReply>();
        FrameOutbox outbox;
        lock (_gate)
        {
            if (_outbox is null)
            {
                throw _ended ?? Broken();
            }

            call.Number = ++_lastCall;
            _roomCalls.Add(call.Number, completion);
            RoomFrames.AppendCall(_outbox, call);
            outbox = _outbox;
        }

        FlushUnlessReading(outbox);
        try
        {
            return await completion.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Append(new Frame { RoomCancel = new RoomCancel { Number = call.Number } });
            throw;
        }
        finally
        {
            lock (_gate)
            {
                _roomCalls.Remove(call.Number);
            }
        }
    }

    /// <summary>Tells the hub that what a wait gave is here. On another connection than it came over this says nothing: the next wait gets it again.</summary>
    internal void AcknowledgeRoom(RoomEvent item) => Append(new Frame { RoomAck = new RoomAck { Number = item.Number } });

    private void TakeRoomEvent(RoomEvent item)
    {
        if (item.TextSize == 0)
        {
            TakeRoomReply(item.Number, new RoomReply(null, item));
        }
        else
        {
            (_roomTexts ??= new()).Begin(item.Number, item, item.TextSize, MaxOpenTextBytes);
        }
    }

    private void TakeRoomChunk(RoomChunk chunk)
    {
        if ((_roomTexts ??= new()).Add(chunk.Number, chunk.Offset, chunk.Data.Span) is var (item, text))
        {
            item.Text = UnsafeByteOperations.UnsafeWrap(text);
            item.TextSize = 0;
            TakeRoomReply(item.Number, new RoomReply(null, item));
        }
    }

    private void TakeRoomReply(ulong number, RoomReply reply)
    {
        TaskCompletionSource<RoomReply>? call;
        lock (_gate)
        {
            _roomCalls.TryGetValue(number, out call);
        }

        call?.TrySetResult(reply);
    }
}
