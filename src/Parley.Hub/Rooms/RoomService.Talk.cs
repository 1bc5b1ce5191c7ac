using Parley.Hub.Rooms.Limits;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Rooms;

/// <content>What the holder of a seat does.</content>
internal sealed partial class RoomService
{
    private const int MaxMessageId = 64;

    // Clients give a send 30 s.
    private static readonly TimeSpan _longestSlowdown = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    /// <summary>Slows a token that sends faster than its rate; call it before the body is read, so that no memory waits. A 429 would be taken for a loop by scripts.</summary>
    public async ValueTask PaceSendAsync(string token, CancellationToken cancellationToken)
    {
        if (!_options.AreRatesLimited || FindVisitor(token) is not { } visitor)
        {
            return;
        }

        var wait = visitor.Sends.Reserve(_options.CallsPerMinute, _minute, Now, _longestSlowdown);
        if (wait == TimeSpan.Zero)
        {
            return;
        }

        Meter.CountRateHit();
        if (wait > _longestSlowdown)
        {
            throw new ParleyException(ErrorCode.Unavailable, "Too many messages at once. Try again later.") { RetryAfter = wait };
        }

        await Task.Delay(wait, _time, cancellationToken);
    }

    /// <summary>Sends a message to the partner.</summary>
    /// <param name="token">Whose seat.</param>
    /// <param name="body">The text, with its marker.</param>
    /// <param name="isHuman">Whether a person wrote it.</param>
    /// <param name="id">The sender's name for this message: said again right after, it is not said twice. Null, or longer than 64 characters: none.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RoomLoop"/>: it was dropped and the room is paused or over; and others.</exception>
    public void Send(string token, string body, bool isHuman = false, string? id = null)
    {
        var (room, seat) = FindSeat(token);
        lock (room.Room.Gate)
        {
            var now = Now;
            var hash = id is { Length: > 0 and <= MaxMessageId } ? SecretHash.Of(id) : (SecretHash?)null;
            if (hash is not null && hash == seat.LastMessage)
            {
                return;
            }

            try
            {
                room.Room.Send(seat, body, isHuman, now);
                seat.LastMessage = hash;
            }
            finally
            {
                FollowClosing(room, now);
            }
        }
    }

    /// <summary>Waits for the next thing in the seat's inbox.</summary>
    /// <returns>What to show, to be confirmed when it was written; null when nothing came within <see cref="RoomOptions.WaitLimit"/>.</returns>
    public async Task<RoomDelivery?> WaitAsync(string token, CancellationToken cancellationToken)
    {
        var place = FindSeat(token);
        CountCall(FindVisitor(token)?.Waits);
        if (_isStopping)
        {
            throw RoomRefusals.Draining();
        }

        var waiter = new RoomWaiter();
        var (gate, seat) = (place.Room.Room.Gate, place.Seat);
        lock (gate)
        {
            seat.Park(waiter, Now);
        }

        Meter.CountWait();
        if (!waiter.Ended.IsCompleted)
        {
            await WaitParkedAsync(gate, seat, waiter, cancellationToken);
        }

        return await waiter.Ended is { } item ? new RoomDelivery(item, place) : null;
    }

    /// <summary>Tells whether the partner is there. Keeps nothing alive.</summary>
    public RoomPresence Ping(string token)
    {
        var (room, seat) = FindSeat(token);
        CountCall(FindVisitor(token)?.Others);
        lock (room.Room.Gate)
        {
            if (!seat.IsTaken)
            {
                throw RoomRefusals.NotInRoom();
            }

            var partner = room.Room.PartnerOf(seat);
            return new RoomPresence(partner is not null, partner is null ? null : Now - partner.LastSeen);
        }
    }

    /// <summary>Sets the rule that agents ask nobody.</summary>
    public void SetHeadless(string token, bool isHeadless)
    {
        RequireOpen();
        var (room, seat) = FindSeat(token);
        CountCall(FindVisitor(token)?.Others);
        lock (room.Room.Gate)
        {
            room.Room.SetHeadless(seat, isHeadless, Now);
            Reschedule(room, room.Room.EndsAt);
        }
    }

    /// <summary>Leaves the room; the token is worth nothing from then on.</summary>
    public void Leave(string token)
    {
        var (room, seat) = FindSeat(token);
        lock (room.Room.Gate)
        {
            room.Room.Leave(seat);
            FollowClosing(room, Now);
            if (FindVisitor(token) is { } visitor)
            {
                room.Visitors.Remove(visitor);
                Forget(visitor);
            }
        }
    }

    /// <summary>Puts a file into the room and tells the partner.</summary>
    /// <param name="token">Whose seat.</param>
    /// <param name="name">Its name; made harmless.</param>
    /// <param name="content">The bytes, which belong to the room from then on.</param>
    public RoomFile PutFile(string token, string name, ReadOnlyMemory<byte> content)
    {
        var (room, seat) = FindSeat(token);
        lock (room.Room.Gate)
        {
            return room.Room.PutFile(seat, name, new Body(content), Now);
        }
    }

    /// <summary>Finds a file of the room; also after it closed, as long as there is something to read.</summary>
    public RoomFile GetFile(string token, int number)
    {
        var (room, seat) = FindSeat(token);
        lock (room.Room.Gate)
        {
            seat.LastSeen = Now;
            return room.Room.Files.Get(number);
        }
    }

    /// <summary>A file was written to whoever asked: if that was the partner, the file may make room for another.</summary>
    public void ConfirmFile(string token, RoomFile file)
    {
        if (FindVisitor(token)?.Place is var (room, seat))
        {
            lock (room.Room.Gate)
            {
                file.IsFetched |= seat.Role != file.From;
            }
        }
    }

    /// <summary>Whether the token sits in a room, for doors that must know before they read a large body.</summary>
    /// <exception cref="ParleyException">It does not.</exception>
    public void RequireSeat(string token) => FindSeat(token);

    private async Task WaitParkedAsync(Lock gate, Seat seat, RoomWaiter waiter, CancellationToken cancellationToken)
    {
        using var timer = _time.CreateTimer(_ => Unpark(w => w.End(null)), null, _options.WaitLimit, Timeout.InfiniteTimeSpan);
        using var aborted = cancellationToken.UnsafeRegister(_ => Unpark(w => w.Cancel()), null);

        // A stop that began before this was parked did not see it.
        if (_isStopping)
        {
            lock (gate)
            {
                seat.Tell(RoomNotices.Draining);
            }
        }

        await waiter.Ended;

        void Unpark(Action<RoomWaiter> end)
        {
            lock (gate)
            {
                if (seat.Unpark(waiter))
                {
                    end(waiter);
                }
            }
        }
    }

    private RoomSeat FindSeat(string token)
    {
        if (FindVisitor(token) is { } visitor)
        {
            return visitor.Place ?? throw RoomRefusals.NotInRoom();
        }

        throw _secrets.IsOurs(token) ? RoomRefusals.NotInRoom() : RoomRefusals.Unauthorized();
    }

    private void CountCall(Pace? pace)
    {
        if (_options.AreRatesLimited && pace?.Take(_options.CallsPerMinute, _minute, Now) is { } wait && wait > TimeSpan.Zero)
        {
            Meter.CountRateHit();
            throw RoomRefusals.TooMany("Too many requests. Try again later.", wait);
        }
    }
}
