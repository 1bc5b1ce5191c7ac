using Parley.Hub.Rooms;
using Parley.Protocol.Errors;

namespace Parley.Tests.Rooms;

public sealed class RoomTests
{
    private const string Long = "This message is long enough that nobody would take it for a courtesy, whatever it says.";

    [Fact]
    public void A_joiner_is_announced_to_the_host_and_hears_nothing_itself()
    {
        var kit = new RoomKit();

        var joiner = kit.Join();

        Assert.Equal(RoomState.Live, kit.Room.State);
        Assert.Equal([$"[SYSTEM]: Partner '{joiner.Name}' has joined. Session is live!"], kit.ReadAll(kit.Host));
        Assert.Empty(kit.ReadAll(joiner));
    }

    [Fact]
    public void A_host_is_announced_to_the_listener()
    {
        var kit = new RoomKit(RoomKind.Listener);

        var host = kit.Join();

        Assert.Equal(SeatRole.Host, host.Role);
        Assert.Equal([$"[SYSTEM]: HOST '{host.Name}' has joined. Session is live!"], kit.ReadAll(kit.Joiner));
    }

    [Fact]
    public void A_third_one_finds_no_seat()
    {
        var kit = RoomKit.Live();

        Assert.Null(kit.Room.Join("Agent-cccc", kit.Now));
    }

    [Fact]
    public void Nobody_can_send_before_the_partner_is_there()
    {
        var kit = new RoomKit();

        Assert.Equal(ErrorCode.RoomPartnerMissing, Refused(() => kit.Send(kit.Host, "hello")));
    }

    [Fact]
    public void A_message_carries_name_and_turn()
    {
        var kit = RoomKit.Live();
        var waiter = new RoomWaiter();
        kit.Joiner.Park(waiter, kit.Now);

        kit.Send(kit.Host, "over to you [OVER]");

        var item = RoomKit.Taken(waiter)!;
        Assert.Equal(("over to you", kit.Host.Name, Turn.Over, false), (RoomKit.TextOf(item), item.From, item.Turn, item.IsHuman));
    }

    [Fact]
    public void Both_on_standby_is_told_to_both_and_to_the_receiver_before_the_message()
    {
        var kit = RoomKit.Live();
        kit.Send(kit.Host, "done [STANDBY]");
        kit.ReadAll(kit.Joiner);

        kit.Send(kit.Joiner, "me too [STANDBY]");

        Assert.Equal([RoomNotices.BothStandby, "me too"], kit.ReadAll(kit.Host));
        Assert.Equal([RoomNotices.BothStandby], kit.ReadAll(kit.Joiner));
    }

    [Fact]
    public void Speaking_again_takes_both_off_standby_and_stale_notices_away_but_no_message()
    {
        var kit = RoomKit.Live();
        kit.Send(kit.Host, "result [STANDBY]");
        kit.Send(kit.Joiner, "thanks [STANDBY]");

        kit.Send(kit.Host, "one more thing [OVER]");

        Assert.Equal(["result", "one more thing"], kit.ReadAll(kit.Joiner));
        Assert.Equal(["thanks"], kit.ReadAll(kit.Host));
        Assert.False(kit.Host.IsOnStandby || kit.Joiner.IsOnStandby);
    }

    [Fact]
    public void A_loop_pauses_both_and_drops_the_message_and_the_next_one_goes_on()
    {
        var kit = RoomKit.Live();
        for (var number = 0; number < 7; number++)
        {
            kit.Send(kit.Host, $"note {number}");
        }

        Assert.Equal(ErrorCode.RoomLoop, Refused(() => kit.Send(kit.Host, "dropped")));
        kit.Send(kit.Host, "next");

        Assert.Equal([RoomNotices.Loop], kit.ReadAll(kit.Host));
        Assert.Equal(["note 0", "note 1", "note 2", "note 3", "note 4", "note 5", "note 6", RoomNotices.Loop, "next"], kit.ReadAll(kit.Joiner));
    }

    [Fact]
    public void A_second_loop_soon_after_severs_the_room_with_the_alert()
    {
        var kit = RoomKit.Live();
        Assert.Equal(ErrorCode.RoomLoop, Refused(() => Burst(kit)));
        kit.ReadAll(kit.Host);
        kit.ReadAll(kit.Joiner);

        Assert.Equal(ErrorCode.RoomLoop, Refused(() => Burst(kit)));

        Assert.Equal(RoomState.Closed, kit.Room.State);
        Assert.Equal(RoomNotices.Loop, kit.ReadAll(kit.Joiner)[^1]);
        Assert.Equal(ErrorCode.RoomNotIn, Refused(() => kit.Send(kit.Host, Long)));
    }

    [Fact]
    public void People_do_not_loop_and_are_shown_as_such()
    {
        var kit = RoomKit.Live();
        for (var number = 0; number < 20; number++)
        {
            kit.Send(kit.Host, "go", isHuman: true);
        }

        Assert.Equal(20, kit.Joiner.Items);
    }

    [Fact]
    public void The_hosts_leaving_closes_the_room_and_the_joiner_hears_it_twice_after_what_it_had_not_read()
    {
        var kit = RoomKit.Live();
        var (host, joiner) = (kit.Host, kit.Joiner);
        kit.Send(host, "last words");

        kit.Room.Leave(host);

        Assert.Equal(RoomState.Closed, kit.Room.State);
        Assert.Equal(["last words", RoomNotices.HostClosed, RoomNotices.HostClosed], kit.ReadAll(joiner));
        Assert.Equal(ErrorCode.RoomNotIn, Refused(() => kit.Read(joiner)));
    }

    [Fact]
    public void The_joiners_leaving_is_told_once_and_the_host_stays()
    {
        var kit = RoomKit.Live();
        var joiner = kit.Joiner;

        kit.Room.Leave(joiner);

        Assert.Equal(RoomState.HostAlone, kit.Room.State);
        Assert.Equal([$"[SYSTEM]: '{joiner.Name}' has left the room. Session ended."], kit.ReadAll(kit.Host));
        Assert.Equal(ErrorCode.RoomPartnerMissing, Refused(() => kit.Send(kit.Host, "anyone?")));
    }

    [Fact]
    public void A_listener_that_leaves_its_host_behind_is_just_a_joiner_that_leaves()
    {
        var kit = RoomKit.Live(RoomKind.Listener);

        kit.Room.Leave(kit.Joiner);

        Assert.Equal(RoomState.HostAlone, kit.Room.State);
    }

    [Fact]
    public void Whoever_waits_and_leaves_is_told_that_it_is_over()
    {
        var kit = RoomKit.Live();
        var waiter = new RoomWaiter();
        kit.Host.Park(waiter, kit.Now);

        kit.Room.Leave(kit.Host);

        Assert.Equal(RoomNotices.Ended, RoomKit.TextOf(RoomKit.Taken(waiter)!));
    }

    [Fact]
    public void A_room_that_nobody_joined_closes_with_its_creator()
    {
        var kit = new RoomKit(RoomKind.Listener);

        kit.Room.Leave(kit.Joiner);

        Assert.Equal(RoomState.Closed, kit.Room.State);
        Assert.Null(kit.Room.Join("Agent-cccc", kit.Now));
    }

    [Fact]
    public void A_fresh_joiner_takes_the_seat_of_one_that_left_and_reads_nothing_of_it()
    {
        var kit = RoomKit.Live();
        kit.Send(kit.Host, "for the old one");
        kit.Room.Leave(kit.Joiner);
        kit.ReadAll(kit.Host);

        var fresh = kit.Join();

        Assert.Empty(kit.ReadAll(fresh));
        kit.Send(kit.Host, "hello");
        Assert.Equal(["hello"], kit.ReadAll(fresh));
    }

    [Fact]
    public void A_joiner_that_was_not_seen_for_long_can_be_replaced_and_is_told()
    {
        var kit = RoomKit.Live();
        var lost = kit.Joiner;
        Assert.False(kit.Room.MayInvite(kit.Host, kit.Now));
        kit.Now += kit.Options.JoinerLostAfter;

        var (_, evicted) = kit.Room.Join("Agent-cccc", kit.Now)!.Value;

        Assert.Same(lost, evicted);
        Assert.Equal([RoomNotices.Ended], kit.ReadAll(lost));
        Assert.Equal(ErrorCode.RoomNotIn, Refused(() => kit.Send(lost, "I am back")));
    }

    [Fact]
    public void A_joiner_that_waits_is_not_lost_however_long_it_waits()
    {
        var kit = RoomKit.Live();
        kit.Joiner.Park(new RoomWaiter(), kit.Now);
        kit.Now += kit.Options.JoinerLostAfter * 2;

        Assert.False(kit.Room.MayInvite(kit.Host, kit.Now));
    }

    [Theory]
    [InlineData(nameof(RoomKind.Standard), nameof(SeatRole.Host), true)]
    [InlineData(nameof(RoomKind.Standard), nameof(SeatRole.Joiner), false)]
    [InlineData(nameof(RoomKind.Listener), nameof(SeatRole.Host), true)]
    [InlineData(nameof(RoomKind.Listener), nameof(SeatRole.Joiner), true)]
    public void The_creator_and_the_host_may_set_rules(string kind, string role, bool isAllowed)
    {
        var kit = RoomKit.Live(Enum.Parse<RoomKind>(kind));
        var seat = role == nameof(SeatRole.Host) ? kit.Host : kit.Joiner;

        var refused = Refused(() => kit.Room.SetHeadless(seat, true, kit.Now));

        Assert.Equal(isAllowed ? null : ErrorCode.PermissionDenied, refused);
        Assert.Equal(isAllowed, kit.Room.IsHeadless);
    }

    [Fact]
    public void A_partner_that_reads_nothing_fills_up()
    {
        var kit = RoomKit.Live(options: new RoomOptions { MaxInboxItems = 16 });
        for (var number = 0; number < 16; number++)
        {
            kit.Send(kit.Host, $"{Long} {number}");
        }

        Assert.Equal(ErrorCode.RoomInboxFull, Refused(() => kit.Send(kit.Host, Long)));
        kit.Read(kit.Joiner);
        kit.Send(kit.Host, Long);
    }

    [Fact]
    public void All_rooms_together_hold_so_much_and_no_more()
    {
        var kit = RoomKit.Live(options: new RoomOptions { MaxHeldBytes = 1000 });

        Assert.Equal(ErrorCode.Unavailable, Refused(() => kit.Send(kit.Host, new string('x', 1000))));
        Assert.Equal(0, kit.Meter.Bytes);
    }

    [Fact]
    public void A_file_is_announced_and_those_that_were_fetched_make_room()
    {
        var kit = RoomKit.Live(options: new RoomOptions { MaxFileBytes = 100 });

        var first = kit.Room.PutFile(kit.Host, "../a b\"c.txt", new(new byte[80]), kit.Now);
        Assert.Equal(ErrorCode.MessageTooLarge, Refused(() => kit.Room.PutFile(kit.Host, "x", new(new byte[80]), kit.Now)));
        first.IsFetched = true;
        kit.Room.PutFile(kit.Host, "x", new(new byte[80]), kit.Now);

        Assert.Equal("_a_b_c.txt", first.Name);
        Assert.StartsWith($"[SYSTEM]: '{kit.Host.Name}' sent file 1: _a_b_c.txt, 80 bytes.", kit.Read(kit.Joiner));
        Assert.Equal(ErrorCode.NotFound, Refused(() => kit.Room.Files.Get(1)));
    }

    [Fact]
    public void A_room_ends_by_its_clock()
    {
        var options = new RoomOptions();
        var waiting = new RoomKit();
        var listener = new RoomKit(RoomKind.Listener);
        listener.Room.SetHeadless(listener.Joiner, true, listener.Now);
        var live = RoomKit.Live();
        live.Now += TimeSpan.FromMinutes(20);
        live.Send(live.Joiner, "still here");

        Assert.Equal(waiting.Now + options.WaitingLifetime, waiting.Room.EndsAt);
        Assert.Equal(listener.Now + options.HeadlessListenerLifetime, listener.Room.EndsAt);
        Assert.Equal(live.Now + options.IdleLifetime, live.Room.EndsAt);
    }

    [Fact]
    public void The_rules_are_eleven_lines_of_52_columns_without_quotation_marks()
    {
        var lines = RoomRules.Box.Split('\n');

        Assert.Equal(11, lines.Length);
        Assert.All(lines, line => Assert.Equal(52, line.Length));
        Assert.DoesNotContain('"', RoomRules.Box);
    }

    private static void Burst(RoomKit kit)
    {
        for (var number = 0; number < 8; number++)
        {
            kit.Send(kit.Host, $"note {number}");
        }
    }

    private static ErrorCode? Refused(Action action) => (Record.Exception(action) as ParleyException)?.Code;
}
