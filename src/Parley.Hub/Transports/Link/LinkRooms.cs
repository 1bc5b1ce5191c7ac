using Google.Protobuf;
using Parley.Hub.Rooms;
using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;

namespace Parley.Hub.Transports.Link;

/// <summary>The room calls of one link: which are under way, and texts that come in chunks. When the link ends, so do they, and what was not acknowledged goes back.</summary>
/// <remarks>Frames come from the link's one reader; calls end on any thread. An idle link holds nothing here.</remarks>
/// <param name="session">Whose link.</param>
/// <param name="calls">Answers them.</param>
internal sealed class LinkRooms(Session session, RoomCalls calls) : IDisposable
{
    /// <summary>Calls under way at once, waits included.</summary>
    public const int MaxUnderWay = 256;

    /// <summary>Bytes of texts that one link may have under way: announced, or slowed before they are said.</summary>
    public const int MaxTextBytes = 16 * 1024 * 1024;

    private readonly Lock _gate = new();
    private Dictionary<ulong, RoomCallUnderWay>? _underWay;
    private OpenBodies<ulong, RoomCall>? _texts;
    private long _textBytes;

    /// <summary>A call, with its text or with the announcement of one.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: its number is in use.</exception>
    public void Take(RoomCall call)
    {
        try
        {
            if (call.TextSize == 0)
            {
                _ = AnswerAsync(call, Begin(call, call.Text.Length));
                return;
            }

            calls.CheckAnnounced(call);
            Begin(call, (int)call.TextSize);
        }
        catch (ParleyException refusal) when (refusal.Code != ErrorCode.ProtocolViolation)
        {
            if (call.TextSize > 0)
            {
                // One call is refused, not the link: its chunks are on their way already and are dropped as they come.
                (_texts ??= new()).Skip(call.Number, call.TextSize);
            }

            RoomCalls.Refuse(session, call, refusal);
            return;
        }

        (_texts ??= new()).Begin(call.Number, call, call.TextSize, long.MaxValue);
    }

    /// <summary>A piece of a text.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: it is out of place.</exception>
    public void Take(RoomChunk chunk)
    {
        if ((_texts ??= new()).Add(chunk.Number, chunk.Offset, chunk.Data.Span) is not var (call, text))
        {
            return;
        }

        call.Text = UnsafeByteOperations.UnsafeWrap(text);
        call.TextSize = 0;
        if (Find(call.Number) is { } underWay)
        {
            _ = AnswerAsync(call, underWay);
        }
    }

    /// <summary>The client has what a wait gave.</summary>
    public void Acknowledge(ulong number) => Find(number)?.Acknowledge();

    /// <summary>The client gave a call up. A text that is still coming in is said nevertheless.</summary>
    public void Cancel(ulong number) => Find(number)?.Cancel();

    /// <summary>The link ended.</summary>
    public void Dispose()
    {
        List<RoomCallUnderWay> left;
        lock (_gate)
        {
            left = _underWay is null ? [] : [.. _underWay.Values];
        }

        foreach (var underWay in left)
        {
            underWay.Cancel();
        }
    }

    private async Task AnswerAsync(RoomCall call, RoomCallUnderWay underWay)
    {
        try
        {
            await calls.AnswerAsync(session, call, underWay);
        }
        finally
        {
            End(call.Number);
            underWay.Dispose();
        }
    }

    private RoomCallUnderWay Begin(RoomCall call, int textBytes)
    {
        var underWay = new RoomCallUnderWay(textBytes);
        lock (_gate)
        {
            _underWay ??= [];
            if (_underWay.ContainsKey(call.Number))
            {
                throw new ParleyException(ErrorCode.ProtocolViolation, "The number of a room call is in use.");
            }

            if (_underWay.Count >= MaxUnderWay || (_textBytes > 0 && _textBytes + textBytes > MaxTextBytes))
            {
                throw RoomRefusals.TooBusy();
            }

            _underWay.Add(call.Number, underWay);
            _textBytes += textBytes;
        }

        return underWay;
    }

    private RoomCallUnderWay? Find(ulong number)
    {
        lock (_gate)
        {
            return _underWay?.GetValueOrDefault(number);
        }
    }

    private void End(ulong number)
    {
        lock (_gate)
        {
            if (_underWay!.Remove(number, out var ended))
            {
                _textBytes -= ended.TextBytes;
            }
        }
    }
}
