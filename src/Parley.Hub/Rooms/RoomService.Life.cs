namespace Parley.Hub.Rooms;

/// <content>How rooms end: by time, by an admin, with the hub.</content>
internal sealed partial class RoomService
{
    /// <summary>Ends what is due; called every second. Looks at nothing else.</summary>
    public void ExpireDue() => _expiry.Run(Now);

    /// <summary>Closes a room.</summary>
    /// <returns>False when there is none.</returns>
    public bool Invalidate(RoomTarget target)
    {
        if (target.Token is { } token && FindVisitor(token) is { Place: null } visitor && visitor.TryClaim())
        {
            Forget(visitor);
            return true;
        }

        if (Find(target) is not { } room)
        {
            return false;
        }

        lock (room.Room.Gate)
        {
            if (room.Room.State == RoomState.Closed)
            {
                return false;
            }

            room.Room.End(RoomNotices.Policy);
            FollowClosing(room, Now);
            return true;
        }
    }

    /// <summary>The hub stops: whoever waits is told, and nobody waits any more. What is unread is lost with the process.</summary>
    public void Stop()
    {
        _isStopping = true;
        foreach (var visitor in _visitors.Values)
        {
            if (visitor.Place is var (room, seat))
            {
                lock (room.Room.Gate)
                {
                    seat.Tell(RoomNotices.Draining);
                }
            }
        }
    }

    private OpenRoom? Find(RoomTarget target)
    {
        if (target.Token is { } token)
        {
            return FindVisitor(token)?.Place?.Room;
        }

        return target.Code is { } code
            ? _codes.GetValueOrDefault(SecretHash.Of(code))?.Room
            : _rooms.GetValueOrDefault(SecretHash.Of(target.RoomName ?? string.Empty));
    }

    // Under the room's gate.
    private void FollowClosing(OpenRoom room, TimeSpan now)
    {
        if (room.Room.State == RoomState.Closed && room.ClosedAt is null)
        {
            room.ClosedAt = now;
            WithdrawCode(room);
            Reschedule(room, now + _options.TombstoneLifetime);
        }
    }

    private void Reschedule(OpenRoom room, TimeSpan due)
    {
        room.Expiry?.Cancel();
        room.Expiry = _expiry.Add(due, now => LookAt(room, now));
    }

    private TimeSpan? LookAt(OpenRoom room, TimeSpan now)
    {
        lock (room.Room.Gate)
        {
            if (room.ClosedAt is { } closedAt)
            {
                if (now < closedAt + _options.TombstoneLifetime)
                {
                    return closedAt + _options.TombstoneLifetime;
                }

                ForgetAll(room);
                return null;
            }

            if (now < room.Room.EndsAt)
            {
                return room.Room.EndsAt;
            }

            room.Room.End(RoomNotices.Expired);
            FollowClosing(room, now);
            return null;
        }
    }

    private void ForgetAll(OpenRoom room)
    {
        foreach (var visitor in room.Visitors)
        {
            visitor.Place?.Seat.Clear();
            Forget(visitor);
        }

        room.Visitors.Clear();
        room.Room.Files.Clear();
        _rooms.TryRemove(SecretHash.Of(room.Name), out _);
    }

    // The one who lost its seat may still read what came before.
    private void ForgetEvicted(OpenRoom room, Seat evicted, TimeSpan now)
    {
        if (room.Visitors.Find(visitor => visitor.Place?.Seat == evicted) is not { } visitor)
        {
            return;
        }

        visitor.Expiry = _expiry.Add(now + _options.TombstoneLifetime, _ =>
        {
            lock (room.Room.Gate)
            {
                evicted.Clear();
                room.Visitors.Remove(visitor);
                Forget(visitor);
            }

            return null;
        });
    }

    private void Forget(Visitor visitor)
    {
        visitor.Expiry?.Cancel();
        if (_visitors.TryRemove(visitor.Id, out _))
        {
            Interlocked.Decrement(ref _visitorCount);
        }
    }
}
