using System.Text;
using Parley.Hub.Rooms.Limits;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Rooms;

/// <summary>A conversation of two seats. Pure: time is an argument, and whoever calls holds <see cref="Gate"/>.</summary>
/// <remarks>
/// <code>
///                 redeem                     host leaves, idle, policy, second loop
///   Waiting ----------------> Live --------------------------------------------------> Closed
///      |                     |    ^                                                      ^
///      |        joiner leaves|    | redeem of a fresh invite                             |
///      |                     v    |                                                      |
///      |                    HostAlone ---------------------------------------------------+
///      |  creator leaves, nobody came                              host leaves, idle     |
///      +---------------------------------------------------------------------------------+
/// </code>
/// A fresh invite of the host also replaces a joiner that was not seen for long. Being on standby is no state of the room: nothing is blocked, the next message goes on.
/// </remarks>
internal sealed class Room
{
    private readonly RoomOptions _options;
    private readonly RoomMeter _meter;
    private readonly LoopDetector _loops = new();
    private readonly TimeSpan _openedAt;

    /// <summary>Opens a room with its first seat taken.</summary>
    /// <param name="kind">Who makes it.</param>
    /// <param name="isHeadless">The rule that agents ask nobody.</param>
    /// <param name="creatorName">How the partner sees the creator.</param>
    /// <param name="now">The time.</param>
    /// <param name="options">Lifetimes and limits.</param>
    /// <param name="meter">What all rooms hold.</param>
    public Room(RoomKind kind, bool isHeadless, string creatorName, TimeSpan now, RoomOptions options, RoomMeter meter)
    {
        (Kind, IsHeadless, _openedAt, _options, _meter) = (kind, isHeadless, now, options, meter);
        Files = new RoomFiles(options, meter);
        var creator = new Seat(kind == RoomKind.Standard ? SeatRole.Host : SeatRole.Joiner, creatorName, now, meter);
        (Host, Joiner) = kind == RoomKind.Standard ? (creator, null) : ((Seat?)null, creator);
    }

    /// <summary>Held around every call; taken by <see cref="RoomService"/>, never two at once.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Who made it.</summary>
    public RoomKind Kind { get; }

    /// <summary>The rule that agents ask nobody.</summary>
    public bool IsHeadless { get; private set; }

    /// <summary>Where it is in its life.</summary>
    public RoomState State { get; private set; }

    /// <summary>The host's seat, while taken.</summary>
    public Seat? Host { get; private set; }

    /// <summary>The joiner's seat, while taken.</summary>
    public Seat? Joiner { get; private set; }

    /// <summary>Files that one put in for the other.</summary>
    public RoomFiles Files { get; }

    /// <summary>When it ends if nothing happens.</summary>
    public TimeSpan EndsAt => State == RoomState.Waiting
        ? _openedAt + (Kind == RoomKind.Listener && IsHeadless ? _options.HeadlessListenerLifetime : _options.WaitingLifetime)
        : TimeSpan.FromTicks(Math.Max(Host?.LastSeen.Ticks ?? 0, Joiner?.LastSeen.Ticks ?? 0)) + _options.IdleLifetime;

    /// <summary>The other seat, while taken.</summary>
    public Seat? PartnerOf(Seat seat) => seat.Role == SeatRole.Host ? Joiner : Host;

    /// <summary>Whether the host may make a fresh invite: its joiner left, never came, or was not seen for long.</summary>
    public bool MayInvite(Seat seat, TimeSpan now) =>
        seat.IsTaken && seat.Role == SeatRole.Host && (Joiner is not { } joiner || (!joiner.IsWaiting && now - joiner.LastSeen >= _options.JoinerLostAfter));

    /// <summary>Takes the empty seat, or that of a lost joiner.</summary>
    /// <returns>The seat, and the one that lost it; null when there is no seat to take.</returns>
    public (Seat Seat, Seat? Evicted)? Join(string name, TimeSpan now)
    {
        var role = Host is null ? SeatRole.Host : SeatRole.Joiner;
        if (State == RoomState.Closed || (State != RoomState.Waiting && !MayInvite(Host!, now)))
        {
            return null;
        }

        var evicted = State == RoomState.Live ? Joiner : null;
        evicted?.PutNotice(RoomNotices.Ended);
        evicted?.Vacate();
        var seat = new Seat(role, name, now, _meter);
        (Host, Joiner) = role == SeatRole.Host ? (seat, Joiner) : (Host, seat);
        State = RoomState.Live;
        StartOver();
        var partner = PartnerOf(seat)!;
        partner.LastSeen = now;
        partner.PutNotice(RoomNotices.Joined(seat));
        return (seat, evicted);
    }

    /// <summary>Takes a message.</summary>
    /// <param name="seat">Whose it is.</param>
    /// <param name="body">What was written, marker included.</param>
    /// <param name="isHuman">Whether a person wrote it; people do not loop.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="Parley.Protocol.Errors.ParleyException">Refused; with a loop the room was paused or ended as well.</exception>
    public void Send(Seat seat, string body, bool isHuman, TimeSpan now)
    {
        var partner = RequirePartner(seat, now);
        var (turn, text) = TurnMarker.Read(body);
        var item = new RoomItem(RoomItemKind.Message, new Body(Encoding.UTF8.GetBytes(text)), seat.Name, turn, isHuman);
        if (partner.Items >= _options.MaxInboxItems || partner.Bytes + item.Bytes > _options.MaxInboxBytes)
        {
            throw RoomRefusals.InboxFull();
        }

        CheckLoop(seat, text, isHuman, now);
        if (!_meter.TryHold(item.Bytes))
        {
            throw RoomRefusals.HubFull();
        }

        seat.IsOnStandby = turn == Turn.Standby;
        if (!seat.IsOnStandby)
        {
            Resume(seat, partner);
        }
        else if (partner.IsOnStandby)
        {
            partner.PutNotice(RoomNotices.BothStandby, RoomItemKind.StandbyNotice);
            seat.PutNotice(RoomNotices.BothStandby, RoomItemKind.StandbyNotice);
        }

        partner.Put(item);
        _meter.CountSend();
    }

    /// <summary>Puts a file in and tells the partner.</summary>
    public RoomFile PutFile(Seat seat, string name, Body content, TimeSpan now)
    {
        var partner = RequirePartner(seat, now);
        if (partner.Items >= _options.MaxInboxItems)
        {
            throw RoomRefusals.InboxFull();
        }

        var file = Files.Put(name, content, seat.Role);
        partner.PutNotice(RoomNotices.File(seat, file));
        return file;
    }

    /// <summary>Sets the rule that agents ask nobody: the creator and the host may.</summary>
    public void SetHeadless(Seat seat, bool isHeadless, TimeSpan now)
    {
        if (!seat.IsTaken)
        {
            throw RoomRefusals.NotInRoom();
        }

        if (seat.Role == SeatRole.Joiner && Kind == RoomKind.Standard)
        {
            throw RoomRefusals.NotTheCreator();
        }

        seat.LastSeen = now;
        IsHeadless = isHeadless;
    }

    /// <summary>Gives a seat up. The host's leaving ends the room, and so does that of whoever still waits for a partner.</summary>
    public void Leave(Seat seat)
    {
        if (!seat.IsTaken)
        {
            throw RoomRefusals.NotInRoom();
        }

        var partner = PartnerOf(seat);
        seat.Clear();
        seat.Tell(RoomNotices.Ended);
        seat.Vacate();
        if (seat.Role == SeatRole.Joiner && partner is not null)
        {
            Joiner = null;
            State = RoomState.HostAlone;
            StartOver();
            partner.PutNotice(RoomNotices.Left(seat));
            return;
        }

        partner?.PutNotice(RoomNotices.HostClosed);
        partner?.PutNotice(RoomNotices.HostClosed);
        Close();
    }

    /// <summary>Ends the room with a line to each side.</summary>
    public void End(string line)
    {
        Host?.PutNotice(line);
        Joiner?.PutNotice(line);
        Close();
    }

    private void Close()
    {
        Host?.Vacate();
        Joiner?.Vacate();
        State = RoomState.Closed;
    }

    private Seat RequirePartner(Seat seat, TimeSpan now)
    {
        if (!seat.IsTaken)
        {
            throw RoomRefusals.NotInRoom();
        }

        seat.LastSeen = now;
        return PartnerOf(seat) ?? throw RoomRefusals.PartnerMissing();
    }

    private void CheckLoop(Seat seat, string text, bool isHuman, TimeSpan now)
    {
        if (isHuman)
        {
            _loops.Reset();
            return;
        }

        var verdict = _loops.Note(seat.Role, text, now);
        if (verdict == LoopVerdict.Fine)
        {
            return;
        }

        _meter.CountLoop();
        if (verdict == LoopVerdict.Sever)
        {
            End(RoomNotices.Loop);
        }
        else
        {
            (Host!.IsOnStandby, Joiner!.IsOnStandby) = (true, true);
            Host.PutNotice(RoomNotices.Loop);
            Joiner.PutNotice(RoomNotices.Loop);
        }

        throw RoomRefusals.Loop();
    }

    private static void Resume(Seat seat, Seat partner)
    {
        partner.IsOnStandby = false;
        seat.DropStale();
        partner.DropStale();
    }

    // A new pair: nobody is on standby, nothing was repeated.
    private void StartOver()
    {
        _loops.Reset();
        if (Host is { } host)
        {
            host.IsOnStandby = false;
        }

        if (Joiner is { } joiner)
        {
            joiner.IsOnStandby = false;
        }
    }
}
