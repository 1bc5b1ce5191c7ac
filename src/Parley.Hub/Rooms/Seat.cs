using Parley.Hub.Rooms.Limits;

namespace Parley.Hub.Rooms;

/// <summary>One of the two places in a room: an inbox, at most one who waits for it, and at most one item on its way to a reader. Pure; <see cref="Room"/> decides what goes in.</summary>
/// <remarks>
/// An item leaves in two steps. It is <b>leased</b> to a waiter, and gone once the door says that the answer was written; if the answer could not be written it comes back as the next one.
/// While one is leased a new waiter is parked, so that nothing overtakes.
/// </remarks>
/// <param name="role">Which place.</param>
/// <param name="name">How the partner sees it.</param>
/// <param name="now">When it was taken.</param>
/// <param name="meter">What counts items and bytes.</param>
internal sealed class Seat(SeatRole role, string name, TimeSpan now, RoomMeter meter)
{
    private readonly LinkedList<RoomItem> _inbox = new();
    private RoomItem? _leased;
    private RoomWaiter? _waiter;
    private ulong _lastPosition;
    private bool _isCleared;

    /// <summary>Which place.</summary>
    public SeatRole Role => role;

    /// <summary>How the partner sees it: <c>Agent-</c> and four digits that say nothing about its token.</summary>
    public string Name => name;

    /// <summary>When it last sent, waited, changed a rule, or sat down.</summary>
    public TimeSpan LastSeen { get; set; } = now;

    /// <summary>Whether its last word was <c>[STANDBY]</c>.</summary>
    public bool IsOnStandby { get; set; }

    /// <summary>Hash of the id that its last message carried; null when it carried none.</summary>
    public SecretHash? LastMessage { get; set; }

    /// <summary>False once it left or was closed; then it reads what is left and no more.</summary>
    public bool IsTaken { get; private set; } = true;

    /// <summary>Whether somebody waits.</summary>
    public bool IsWaiting => _waiter is not null;

    /// <summary>Items that are unread, one on its way included.</summary>
    public int Items => _inbox.Count + (_leased is null ? 0 : 1);

    /// <summary>Bytes that are unread.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds an item whose bytes are reserved.</summary>
    public void Put(RoomItem item)
    {
        item.Position = ++_lastPosition;
        _inbox.AddLast(item);
        Bytes += item.Bytes;
        meter.CountItems(1);
        Serve();
    }

    /// <summary>Adds one of the hub's own lines.</summary>
    public void PutNotice(string line, RoomItemKind kind = RoomItemKind.Notice)
    {
        var item = RoomItem.Notice(line, kind);
        meter.Hold(item.Bytes);
        Put(item);
    }

    /// <summary>Parks a waiter, or serves it at once; the seat was seen then.</summary>
    /// <exception cref="Parley.Protocol.Errors.ParleyException">One waits already, or there will be nothing more.</exception>
    public void Park(RoomWaiter waiter, TimeSpan now)
    {
        if (_waiter is not null)
        {
            throw RoomRefusals.WaitPending();
        }

        if (!IsTaken && Items == 0)
        {
            throw RoomRefusals.NotInRoom();
        }

        LastSeen = now;
        _waiter = waiter;
        meter.CountOpenWaits(1);
        Serve();
    }

    /// <summary>Takes a waiter away.</summary>
    /// <returns>False when it was served before.</returns>
    public bool Unpark(RoomWaiter waiter)
    {
        if (_waiter != waiter)
        {
            return false;
        }

        ForgetWaiter();
        return true;
    }

    /// <summary>Ends whoever waits with a line that is no part of the inbox.</summary>
    public void Tell(string line)
    {
        if (_waiter is { } waiter)
        {
            ForgetWaiter();
            waiter.End(RoomItem.Notice(line));
        }
    }

    /// <summary>The leased item reached its reader.</summary>
    public void Confirm(RoomItem item)
    {
        if (_leased == item)
        {
            _leased = null;
            Forget(item);
            Serve();
        }
    }

    /// <summary>The leased item did not reach its reader: it is the next one again.</summary>
    public void Return(RoomItem item)
    {
        if (_leased == item)
        {
            _leased = null;
            if (_isCleared)
            {
                Forget(item);
            }
            else
            {
                _inbox.AddFirst(item);
            }

            Serve();
        }
    }

    /// <summary>Drops notices that both are on standby: one of them spoke. The partner's messages stay, whatever they ended with.</summary>
    public void DropStale()
    {
        for (var node = _inbox.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.Kind == RoomItemKind.StandbyNotice)
            {
                _inbox.Remove(node);
                Forget(node.Value);
            }

            node = next;
        }
    }

    /// <summary>The seat is given up; what is unread stays readable.</summary>
    public void Vacate()
    {
        IsTaken = false;
        Serve();
    }

    /// <summary>Drops everything, for good: an item that is on its way does not come back.</summary>
    public void Clear()
    {
        _isCleared = true;
        foreach (var item in _inbox)
        {
            Forget(item);
        }

        _inbox.Clear();
        Serve();
    }

    private void Serve()
    {
        if (_waiter is not { } waiter || _leased is not null)
        {
            return;
        }

        if (_inbox.First is { } first)
        {
            _inbox.RemoveFirst();
            _leased = first.Value;
            ForgetWaiter();
            waiter.End(first.Value);
        }
        else if (!IsTaken)
        {
            ForgetWaiter();
            waiter.Refuse(RoomRefusals.NotInRoom());
        }
    }

    private void Forget(RoomItem item)
    {
        Bytes -= item.Bytes;
        meter.Free(item.Bytes);
        meter.CountItems(-1);
    }

    private void ForgetWaiter()
    {
        _waiter = null;
        meter.CountOpenWaits(-1);
    }
}
