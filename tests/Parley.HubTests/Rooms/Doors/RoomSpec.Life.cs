using Parley.Client.Rooms;
using Parley.Hub.Rooms;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.HubTests.Rooms.Doors;

/// <content>How rooms begin and end.</content>
public abstract partial class RoomSpec
{
    [Fact]
    public async Task Whoever_redeems_an_invite_is_joiner_and_whoever_redeems_a_listener_code_is_host()
    {
        var inviting = await _hostDoor.OpenAsync(isListener: false, isHeadless: false, null, Token);
        var listening = await _joinerDoor.OpenAsync(isListener: true, isHeadless: true, null, Token);

        var joined = await _joinerDoor.JoinAsync(inviting.Code!, Token);
        var called = await _hostDoor.JoinAsync(listening.Code!, Token);

        Assert.Equal(("host", "joiner", false), (inviting.Role, joined.Role, joined.IsHeadless));
        Assert.Equal(("joiner", "host", true), (listening.Role, called.Role, called.IsHeadless));
        Assert.Matches("^\\[SYSTEM\\]: Partner 'Agent-[a-f0-9]{4}' has joined. Session is live!$", (await _hostDoor.WaitAsync(inviting.Token, Token))!.Text);
        Assert.Matches("^\\[SYSTEM\\]: HOST 'Agent-[a-f0-9]{4}' has joined. Session is live!$", (await _joinerDoor.WaitAsync(listening.Token, Token))!.Text);
    }

    [Fact]
    public async Task A_code_is_good_once_whoever_asks_at_the_same_time()
    {
        var code = (await _hostDoor.OpenAsync(false, false, null, Token)).Code!;

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => OutcomeAsync(number % 2 == 0 ? _hostDoor : _joinerDoor)));

        Assert.Single(outcomes, (ErrorCode?)null);
        Assert.Equal(99, outcomes.Count(outcome => outcome == ErrorCode.RoomCodeSpent));

        async Task<ErrorCode?> OutcomeAsync(IRoomDoor door)
        {
            try
            {
                await door.JoinAsync(code, Token);
                return null;
            }
            catch (ParleyException refusal)
            {
                return refusal.Code;
            }
        }
    }

    [Fact]
    public async Task Refusals_have_the_same_codes_on_each_door()
    {
        var (host, joiner) = await PairAsync();
        var lonely = await _hostDoor.OpenAsync(false, false, null, Token);

        Assert.Equal(ErrorCode.RoomCodeSpent, await RoomDoorKit.RefusalAsync(() => _joinerDoor.JoinAsync("invite_0", Token)));
        Assert.Equal(ErrorCode.Unauthenticated, await RoomDoorKit.RefusalAsync(() => _hostDoor.PingAsync("tok_0", Token)));
        Assert.Equal(ErrorCode.Unauthenticated, await RoomDoorKit.RefusalAsync(() => _joinerDoor.WaitAsync("tok_0", Token)));
        Assert.Equal(ErrorCode.Unauthenticated, await RoomDoorKit.RefusalAsync(() => _joinerDoor.SendAsync("tok_0", RoomDoorKit.Say("x"), Token)));
        Assert.Equal(ErrorCode.RoomPartnerMissing, await RoomDoorKit.RefusalAsync(() => _hostDoor.SendAsync(lonely.Token, RoomDoorKit.Say("x"), Token)));
        Assert.Equal(ErrorCode.RoomAlreadyPaired, await RoomDoorKit.RefusalAsync(() => _hostDoor.OpenAsync(false, false, host, Token)));
        Assert.Equal(ErrorCode.PermissionDenied, await RoomDoorKit.RefusalAsync(() => _joinerDoor.SetHeadlessAsync(joiner, true, Token)));
        await _hostDoor.SetHeadlessAsync(host, true, Token);
    }

    [Fact]
    public async Task Ping_tells_of_the_partner()
    {
        var opened = await _hostDoor.OpenAsync(false, false, null, Token);
        var alone = await _hostDoor.PingAsync(opened.Token, Token);
        await _joinerDoor.JoinAsync(opened.Code!, Token);
        var paired = await _hostDoor.PingAsync(opened.Token, Token);

        Assert.Equal(new Client.Rooms.RoomPresence(false, null), alone);
        Assert.True(paired.IsPartnerConnected);
        Assert.InRange(paired.PartnerLastSeen!.Value, TimeSpan.Zero, Deadline.Shared);
    }

    [Fact]
    public async Task A_host_that_leaves_ends_the_room_and_what_is_unread_can_be_read()
    {
        var (host, joiner) = await PairAsync();
        await _hostDoor.SendAsync(host, RoomDoorKit.Say("unread"), Token);

        await _hostDoor.LeaveAsync(host, Token);

        Assert.Equal(ErrorCode.RoomNotIn, await RoomDoorKit.RefusalAsync(() => _hostDoor.PingAsync(host, Token)));
        Assert.Equal(ErrorCode.RoomNotIn, await RoomDoorKit.RefusalAsync(() => _joinerDoor.SendAsync(joiner, RoomDoorKit.Say("x"), Token)));
        Assert.Equal("unread", (await _joinerDoor.WaitAsync(joiner, Token))!.Text);
        Assert.Equal(RoomNotice.HostClosed, (await _joinerDoor.WaitAsync(joiner, Token))!.Notice);
        Assert.Equal(RoomNotice.HostClosed, (await _joinerDoor.WaitAsync(joiner, Token))!.Notice);
        Assert.Equal(ErrorCode.RoomNotIn, await RoomDoorKit.RefusalAsync(() => _joinerDoor.WaitAsync(joiner, Token)));
    }

    [Fact]
    public async Task Leaving_answers_the_leavers_own_wait_and_the_partners()
    {
        var (host, joiner) = await PairAsync();
        var (own, partners) = (_hostDoor.WaitAsync(host, Token), _joinerDoor.WaitAsync(joiner, Token));
        await _kit.UntilParkedAsync(2);

        await _hostDoor.LeaveAsync(host, Token);

        Assert.Equal((RoomNotice.Ended, RoomNotice.HostClosed), ((await own)!.Notice, (await partners)!.Notice));
    }

    [Fact]
    public async Task A_joiner_that_left_is_replaced_by_a_fresh_invite()
    {
        var (host, joiner) = await PairAsync();

        await _joinerDoor.LeaveAsync(joiner, Token);
        var told = await _hostDoor.WaitAsync(host, Token);
        var again = await _hostDoor.OpenAsync(false, false, host, Token);
        var joined = await _joinerDoor.JoinAsync(again.Code!, Token);
        await _hostDoor.WaitAsync(host, Token);
        await _joinerDoor.SendAsync(joined.Token, RoomDoorKit.Say("the new one"), Token);

        Assert.Equal((RoomNotice.PartnerLeft, host), (told!.Notice, again.Token));
        Assert.Equal("the new one", (await _hostDoor.WaitAsync(host, Token))!.Text);
    }

    [Fact]
    public async Task Standby_of_both_is_told_before_the_message_and_a_loop_drops_it()
    {
        var (host, joiner) = await PairAsync();
        await _hostDoor.SendAsync(host, RoomDoorKit.Say("done [STANDBY]"), Token);
        await _joinerDoor.WaitAsync(joiner, Token);
        await _joinerDoor.SendAsync(joiner, RoomDoorKit.Say("me too [STANDBY]"), Token);

        var heard = new[] { await _hostDoor.WaitAsync(host, Token), await _hostDoor.WaitAsync(host, Token), await _joinerDoor.WaitAsync(joiner, Token) };
        for (var number = 0; number < 7; number++)
        {
            await _hostDoor.SendAsync(host, RoomDoorKit.Say($"note {number}"), Token);
        }

        Assert.Equal([RoomNotice.BothStandby, RoomNotice.None, RoomNotice.BothStandby], heard.Select(item => item!.Notice));
        Assert.Equal(ErrorCode.RoomLoop, await RoomDoorKit.RefusalAsync(() => _hostDoor.SendAsync(host, RoomDoorKit.Say("note 7"), Token)));
        Assert.Equal(RoomNotice.Loop, (await _hostDoor.WaitAsync(host, Token))!.Notice);
    }

    [Fact]
    public async Task A_draining_hub_lets_nothing_new_begin_and_rooms_go_on()
    {
        var (host, joiner) = await PairAsync();
        _kit.Hub.Get<RoomService>().IsDraining = true;

        Assert.Equal(ErrorCode.Draining, await RoomDoorKit.RefusalAsync(() => _joinerDoor.OpenAsync(false, false, null, Token)));
        Assert.Equal(ErrorCode.Draining, await RoomDoorKit.RefusalAsync(() => _hostDoor.JoinAsync("invite_0", Token)));
        await _hostDoor.SendAsync(host, RoomDoorKit.Say("still here"), Token);
        Assert.Equal("still here", (await _joinerDoor.WaitAsync(joiner, Token))!.Text);
    }

    [Fact]
    public async Task Readers_outlive_a_restart_of_the_hub_and_are_told_that_the_room_is_gone()
    {
        var (host, joiner) = await PairAsync();
        var readers = new[] { NextAsync(_hostDoor, host), NextAsync(_joinerDoor, joiner) };
        await _kit.UntilParkedAsync(2);

        await _kit.Hub.StopAsync();
        await _kit.Hub.StartAgainAsync();

        foreach (var reader in readers)
        {
            Assert.Equal(ErrorCode.RoomNotIn, await RoomDoorKit.RefusalAsync(() => reader.WaitAsync(Deadline.Shared, Token)));
        }

        await PairAsync();
    }
}
