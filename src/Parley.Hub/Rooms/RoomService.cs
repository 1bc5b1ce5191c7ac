using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Parley.Hub.Rooms.Limits;
using Parley.Protocol.Errors;

namespace Parley.Hub.Rooms;

/// <summary>All rooms of this hub, as every door calls them: whoever holds a token or a code gets in by any door, and the two seats of a room need not use the same.</summary>
/// <remarks>
/// Memory only; a restart ends all rooms. Rules are in <see cref="Room"/>; this class finds rooms, holds their gates and makes secrets.
/// Every method refuses with a <see cref="ParleyException"/> whose message the caller may see. Doors name the address that rates are counted by; it is kept nowhere else.
/// </remarks>
internal sealed partial class RoomService
{
    private readonly ConcurrentDictionary<SecretHash, Visitor> _visitors = new();
    private readonly ConcurrentDictionary<SecretHash, JoinCode> _codes = new();
    private readonly ConcurrentDictionary<SecretHash, OpenRoom> _rooms = new();
    private readonly ExpiryQueue _expiry = new();
    private readonly RoomOptions _options;
    private readonly RoomSecrets _secrets;
    private readonly RoomRates _rates;
    private readonly TimeProvider _time;
    private readonly long _started;
    private int _visitorCount;
    private volatile bool _isDraining;
    private volatile bool _isStopping;

    /// <summary>The rooms of one hub.</summary>
    public RoomService(IOptions<RoomOptions> options, RoomSecrets secrets, TimeProvider time)
    {
        (_options, _secrets, _time, _started) = (options.Value, secrets, time, time.GetTimestamp());
        Meter = new RoomMeter(_options.MaxHeldBytes);
        _rates = new RoomRates(_options, Meter, time);
    }

    /// <summary>What rooms hold and do.</summary>
    public RoomMeter Meter { get; }

    /// <summary>Tokens that are known.</summary>
    public int Tokens => Volatile.Read(ref _visitorCount);

    /// <summary>Rooms, closed ones that can still be read included.</summary>
    public int Count => _rooms.Count;

    /// <summary>Whether no new rooms begin. Rooms that are there go on.</summary>
    public bool IsDraining
    {
        get => _isDraining || _isStopping;
        set => _isDraining = value;
    }

    private TimeSpan Now => _time.GetElapsedTime(_started);

    /// <summary>Makes a token.</summary>
    /// <param name="address">From where.</param>
    public string Register(string address)
    {
        RequireOpen();
        _rates.CountRegistration(address);
        return Welcome().Token;
    }

    /// <summary>Makes a token and a room in one step. With the token of a host whose joiner left, never came or is lost: a fresh invite for the same room.</summary>
    /// <param name="address">From where.</param>
    /// <param name="kind">Which seat the caller takes.</param>
    /// <param name="isHeadless">The rule that agents ask nobody.</param>
    /// <param name="token">A token that the caller has already; null or one that is not known: a new one is made.</param>
    public RoomOpened SetUp(string address, RoomKind kind, bool isHeadless, string? token = null)
    {
        RequireOpen();
        _rates.CountRoom(address);
        if (token is null || FindVisitor(token) is not { } visitor)
        {
            (token, visitor) = Welcome();
        }
        else if (visitor.Place is { } place)
        {
            return kind == RoomKind.Standard ? InviteAgain(place, token) : throw RoomRefusals.AlreadyPaired();
        }

        return Open(visitor, kind, isHeadless) with { Token = token };
    }

    /// <summary>Makes a room for a token that has none.</summary>
    /// <param name="address">From where.</param>
    /// <param name="token">The caller's token.</param>
    /// <param name="kind">Which seat the caller takes.</param>
    public RoomOpened Create(string address, string token, RoomKind kind)
    {
        RequireOpen();
        _rates.CountRoom(address);
        return Open(FindVisitor(token) ?? throw RoomRefusals.Unauthorized(), kind, isHeadless: false);
    }

    /// <summary>Redeems a code for a token that has no room.</summary>
    public RoomJoined Join(string address, string code, string token)
    {
        RequireOpen();
        _rates.CountJoin(address);
        return Redeem(FindVisitor(token) ?? throw RoomRefusals.Unauthorized(), code);
    }

    /// <summary>Makes a token and redeems a code in one step.</summary>
    public RoomJoined RegisterAndJoin(string address, string code)
    {
        RequireOpen();
        _rates.CountJoin(address);
        var (token, visitor) = Welcome();
        try
        {
            return Redeem(visitor, code) with { Token = token };
        }
        catch
        {
            Forget(visitor);
            throw;
        }
    }

    private (string Token, Visitor Visitor) Welcome()
    {
        if (Interlocked.Increment(ref _visitorCount) > _options.MaxTokens)
        {
            Interlocked.Decrement(ref _visitorCount);
            throw RoomRefusals.HubFull();
        }

        var token = _secrets.MakeToken();
        var visitor = new Visitor(SecretHash.Of(token));
        _visitors[visitor.Id] = visitor;
        visitor.Expiry = _expiry.Add(Now + _options.TokenLifetime, _ =>
        {
            if (visitor.TryClaim())
            {
                Forget(visitor);
            }

            return null;
        });
        return (token, visitor);
    }

    private RoomOpened Open(Visitor visitor, RoomKind kind, bool isHeadless)
    {
        if (!visitor.TryClaim())
        {
            throw RoomRefusals.AlreadyPaired();
        }

        var now = Now;
        var room = new OpenRoom(new Room(kind, isHeadless, _secrets.MakeName(null), now, _options, Meter), _secrets.MakeRoomName());
        lock (room.Room.Gate)
        {
            _rooms[SecretHash.Of(room.Name)] = room;
            Place(visitor, room, room.Room.Host ?? room.Room.Joiner!);
            Reschedule(room, room.Room.EndsAt);
            return new RoomOpened(null, PublishCode(room, null), room.Name, kind == RoomKind.Standard ? SeatRole.Host : SeatRole.Joiner);
        }
    }

    private RoomOpened InviteAgain(RoomSeat place, string token)
    {
        var room = place.Room;
        lock (room.Room.Gate)
        {
            var now = Now;
            if (!room.Room.MayInvite(place.Seat, now))
            {
                throw place.Seat.IsTaken ? RoomRefusals.AlreadyPaired() : RoomRefusals.NotInRoom();
            }

            place.Seat.LastSeen = now;
            return new RoomOpened(token, PublishCode(room, now + _options.WaitingLifetime), room.Name, SeatRole.Host);
        }
    }

    private RoomJoined Redeem(Visitor visitor, string code)
    {
        if (!visitor.TryClaim())
        {
            throw RoomRefusals.AlreadyPaired();
        }

        try
        {
            return Seat(visitor, code);
        }
        catch
        {
            visitor.Unclaim();
            throw;
        }
    }

    private RoomJoined Seat(Visitor visitor, string code)
    {
        var now = Now;
        if (!_codes.TryGetValue(SecretHash.Of(code), out var found) || !found.TryRedeem(now))
        {
            throw RoomRefusals.CodeSpent();
        }

        var room = found.Room;
        lock (room.Room.Gate)
        {
            WithdrawCode(room);
            if (room.Room.Join(_secrets.MakeName((room.Room.Host ?? room.Room.Joiner)?.Name), now) is not var (seat, evicted))
            {
                throw RoomRefusals.CodeSpent();
            }

            if (evicted is not null)
            {
                ForgetEvicted(room, evicted, now);
            }

            Place(visitor, room, seat);
            Reschedule(room, room.Room.EndsAt);
            return new RoomJoined(null, room.Name, seat.Role, room.Room.IsHeadless);
        }
    }

    private static void Place(Visitor visitor, OpenRoom room, Seat seat)
    {
        visitor.Expiry?.Cancel();
        visitor.Place = new RoomSeat(room, seat);
        room.Visitors.Add(visitor);
    }

    private string PublishCode(OpenRoom room, TimeSpan? expiresAt)
    {
        WithdrawCode(room);
        var code = _secrets.MakeCode(room.Room.State == RoomState.Waiting ? room.Room.Kind : RoomKind.Standard);
        var made = new JoinCode(room, room.Room.State == RoomState.Waiting ? null : expiresAt);
        var hash = SecretHash.Of(code);
        room.Code = (hash, made);
        _codes[hash] = made;
        return code;
    }

    private void WithdrawCode(OpenRoom room)
    {
        if (room.Code is var (hash, code))
        {
            code.Void();
            _codes.TryRemove(hash, out _);
            room.Code = null;
        }
    }

    private Visitor? FindVisitor(string token) => _visitors.GetValueOrDefault(SecretHash.Of(token));

    private void RequireOpen()
    {
        if (IsDraining)
        {
            throw RoomRefusals.Draining();
        }
    }
}
