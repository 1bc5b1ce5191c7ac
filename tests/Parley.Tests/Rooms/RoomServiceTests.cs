using Parley.Hub.Rooms;
using Parley.Protocol.Errors;
using static Parley.Tests.Rooms.RoomServiceKit;

namespace Parley.Tests.Rooms;

public sealed class RoomServiceTests
{
    private readonly RoomServiceKit _kit = new();

    private RoomService Rooms => _kit.Rooms;

    [Fact]
    public async Task Of_a_hundred_who_redeem_a_code_at_once_one_wins()
    {
        for (var round = 0; round < 5; round++)
        {
            var code = Rooms.SetUp(Address, RoomKind.Standard, false).Code;
            using var barrier = new Barrier(100);

            var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait();
                    return Refused(() => Rooms.RegisterAndJoin(Address, code));
                },
                TaskCreationOptions.LongRunning)));

            Assert.Single(outcomes, outcome => outcome is null);
            Assert.Equal(99, outcomes.Count(outcome => outcome == ErrorCode.RoomCodeSpent));
        }
    }

    [Fact]
    public async Task Of_many_codes_redeemed_at_once_with_one_token_one_is_spent()
    {
        var codes = Enumerable.Range(0, 20).Select(_ => Rooms.SetUp(Address, RoomKind.Standard, false).Code).ToList();
        var token = Rooms.Register(Address);

        var outcomes = await Task.WhenAll(codes.Select(code => Task.Run(() => Refused(() => Rooms.Join(Address, code, token)))));

        Assert.Single(outcomes, outcome => outcome is null);
        Assert.Equal(19, codes.Count(code => Refused(() => Rooms.RegisterAndJoin(Address, code)) is null));
    }

    [Fact]
    public void A_wrong_code_leaves_the_token_free()
    {
        var token = Rooms.Register(Address);

        Assert.Equal(ErrorCode.RoomCodeSpent, Refused(() => Rooms.Join(Address, "invite_0", token)));
        Assert.Null(Refused(() => Rooms.Create(Address, token, RoomKind.Standard)));
    }

    [Fact]
    public void A_token_has_one_room_in_its_life()
    {
        var token = Rooms.Register(Address);
        Rooms.Create(Address, token, RoomKind.Listener);

        Assert.Equal(ErrorCode.RoomAlreadyPaired, Refused(() => Rooms.Create(Address, token, RoomKind.Standard)));
        Assert.Equal(ErrorCode.RoomAlreadyPaired, Refused(() => Rooms.Join(Address, "invite_0", token)));
    }

    [Fact]
    public void Refused_newcomers_leave_nothing_behind()
    {
        for (var attempt = 0; attempt < 50; attempt++)
        {
            Refused(() => Rooms.RegisterAndJoin(Address, "invite_0"));
        }

        Assert.Equal(0, Rooms.Tokens);
    }

    [Fact]
    public void A_dead_token_of_ours_is_not_in_a_room_and_a_foreign_one_is_unauthorized()
    {
        var elsewhere = new RoomServiceKit(seed: 2).Secrets.MakeToken();
        var token = Rooms.Register(Address);
        _kit.Pass(_kit.Options.TokenLifetime);

        Assert.Equal(0, Rooms.Tokens);
        Assert.Equal(ErrorCode.RoomNotIn, Refused(() => Rooms.Ping(token)));
        Assert.Equal(ErrorCode.RoomNotIn, Refused(() => Rooms.Ping(elsewhere)));
        Assert.Equal(ErrorCode.Unauthenticated, Refused(() => Rooms.Ping(token[..^1] + (token[^1] == '0' ? '1' : '0'))));
        Assert.Equal(ErrorCode.Unauthenticated, Refused(() => Rooms.Ping("tok_0")));
        Assert.Equal(ErrorCode.Unauthenticated, Refused(() => Rooms.Create(Address, token, RoomKind.Standard)));
    }

    [Fact]
    public async Task After_a_restart_a_token_is_not_in_a_room()
    {
        var (host, _) = await _kit.PairAsync();
        var restarted = new RoomServiceKit(seed: 3);

        Assert.Equal(ErrorCode.RoomNotIn, await RefusedAsync(() => restarted.ReadAsync(host)));
    }

    [Fact]
    public async Task A_wait_that_nothing_ends_ends_after_110_seconds()
    {
        var (host, _) = await _kit.PairAsync();
        var waiting = _kit.ReadAsync(host);
        _kit.Time.Advance(TimeSpan.FromSeconds(109));
        Assert.False(waiting.IsCompleted);

        _kit.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await waiting);
        Assert.Equal(0, Rooms.Meter.OpenWaits);
    }

    [Fact]
    public async Task A_reader_that_goes_away_loses_nothing()
    {
        var (host, joiner) = await _kit.PairAsync();
        using var gone = new CancellationTokenSource();
        var waiting = Rooms.WaitAsync(host, gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        Rooms.Send(joiner, "still here");

        Assert.Equal("still here", await _kit.ReadAsync(host));
    }

    [Fact]
    public async Task A_delivery_that_is_not_confirmed_comes_again()
    {
        var (host, joiner) = await _kit.PairAsync();
        Rooms.Send(joiner, "one");
        Rooms.Send(joiner, "two");
        (await Rooms.WaitAsync(host, CancellationToken.None))!.Dispose();

        Assert.Equal("one", await _kit.ReadAsync(host));
        Assert.Equal("two", await _kit.ReadAsync(host));
    }

    [Fact]
    public async Task The_hosts_room_is_over_and_both_tokens_say_so_also_after_the_tombstone()
    {
        var (host, joiner) = await _kit.PairAsync();

        Rooms.Leave(host);

        Assert.Equal(ErrorCode.RoomNotIn, Refused(() => Rooms.Ping(host)));
        Assert.Equal(ErrorCode.RoomNotIn, Refused(() => Rooms.Ping(joiner)));
        Assert.Equal(RoomNotices.HostClosed, await _kit.ReadAsync(joiner));
        Assert.Equal(RoomNotices.HostClosed, await _kit.ReadAsync(joiner));
        Assert.Equal(ErrorCode.RoomNotIn, await RefusedAsync(() => _kit.ReadAsync(joiner)));
        _kit.Pass(_kit.Options.TombstoneLifetime);
        Assert.Equal(ErrorCode.RoomNotIn, await RefusedAsync(() => _kit.ReadAsync(joiner)));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task What_a_closed_room_left_unread_is_forgotten_after_its_tombstone()
    {
        var (host, joiner) = await _kit.PairAsync();
        Rooms.Send(host, "unread");
        Rooms.PutFile(host, "a.txt", new byte[1000]);

        Rooms.Leave(host);
        _kit.Pass(_kit.Options.TombstoneLifetime);

        Assert.Equal(ErrorCode.RoomNotIn, await RefusedAsync(() => _kit.ReadAsync(joiner)));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task An_idle_room_expires_and_wakes_who_waits()
    {
        var (host, joiner) = await _kit.PairAsync();
        _kit.Time.Advance(_kit.Options.IdleLifetime - TimeSpan.FromSeconds(100));
        var late = Rooms.Ping(host);
        _kit.Pass(TimeSpan.FromSeconds(100));

        Assert.True(late.IsPartnerConnected);
        Assert.Equal(RoomNotices.Expired, await _kit.ReadAsync(host));
        Assert.Equal(RoomNotices.Expired, await _kit.ReadAsync(joiner));
    }

    [Fact]
    public async Task A_busy_room_does_not_expire()
    {
        var (host, joiner) = await _kit.PairAsync();

        for (var minutes = 0; minutes < 300; minutes += 20)
        {
            _kit.Pass(TimeSpan.FromMinutes(20));
            Rooms.Send(host, $"This is what I found out in the last twenty minutes, after {minutes}.");
        }

        Assert.True(Rooms.Ping(joiner).IsPartnerConnected);
    }

    [Theory]
    [InlineData(nameof(RoomKind.Standard), true, 15)]
    [InlineData(nameof(RoomKind.Listener), false, 15)]
    [InlineData(nameof(RoomKind.Listener), true, 360)]
    public async Task A_room_that_waits_lives_as_long_as_its_code(string kind, bool isHeadless, int minutes)
    {
        var opened = Rooms.SetUp(Address, Enum.Parse<RoomKind>(kind), isHeadless);
        _kit.Pass(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
        Assert.False(Rooms.Ping(opened.Token!).IsPartnerConnected);

        _kit.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(ErrorCode.RoomCodeSpent, Refused(() => Rooms.RegisterAndJoin(Address, opened.Code)));
        Assert.Equal(RoomNotices.Expired, await _kit.ReadAsync(opened.Token!));
    }

    [Fact]
    public async Task A_headless_listener_that_was_joined_has_the_idle_time_of_any_room()
    {
        var opened = Rooms.SetUp(Address, RoomKind.Listener, true);
        Rooms.RegisterAndJoin(Address, opened.Code);

        _kit.Pass(_kit.Options.IdleLifetime);

        await _kit.ReadAsync(opened.Token!);
        Assert.Equal(RoomNotices.Expired, await _kit.ReadAsync(opened.Token!));
    }

    [Fact]
    public async Task A_host_invites_another_joiner_with_its_token()
    {
        var (host, joiner) = await _kit.PairAsync();
        Assert.Equal(ErrorCode.RoomAlreadyPaired, Refused(() => Rooms.SetUp(Address, RoomKind.Standard, false, host)));
        Rooms.Leave(joiner);
        await _kit.ReadAsync(host);

        var again = Rooms.SetUp(Address, RoomKind.Standard, false, host);
        var fresh = Rooms.RegisterAndJoin(Address, again.Code).Token!;

        Assert.Equal(host, again.Token);
        Assert.StartsWith(RoomSecrets.InvitePrefix, again.Code);
        Assert.Contains("has joined", await _kit.ReadAsync(host));
        Rooms.Send(host, "hello");
        Assert.Equal("hello", await _kit.ReadAsync(fresh));
    }

    [Fact]
    public async Task A_newer_invite_makes_the_older_one_worthless()
    {
        var first = Rooms.SetUp(Address, RoomKind.Standard, false);

        var second = Rooms.SetUp(Address, RoomKind.Standard, false, first.Token);

        Assert.Equal(ErrorCode.RoomCodeSpent, Refused(() => Rooms.RegisterAndJoin(Address, first.Code)));
        Assert.Null(Refused(() => Rooms.RegisterAndJoin(Address, second.Code)));
        await _kit.ReadAsync(first.Token!);
    }

    [Fact]
    public async Task A_lost_joiner_is_replaced_and_forgotten_after_its_tombstone()
    {
        var (host, lost) = await _kit.PairAsync();
        _kit.Time.Advance(_kit.Options.JoinerLostAfter);
        var again = Rooms.SetUp(Address, RoomKind.Standard, false, host);

        Rooms.RegisterAndJoin(Address, again.Code);

        Assert.Equal(RoomNotices.Ended, await _kit.ReadAsync(lost));
        Assert.Equal(ErrorCode.RoomNotIn, Refused(() => Rooms.Send(lost, "hello")));
        Assert.Equal(3, Rooms.Tokens);
        _kit.Pass(_kit.Options.TombstoneLifetime);
        Assert.Equal(2, Rooms.Tokens);
    }

    [Fact]
    public async Task An_admin_closes_a_room_by_token_code_or_name()
    {
        var (host, joiner) = await _kit.PairAsync();
        var byCode = Rooms.SetUp(Address, RoomKind.Standard, false);
        var byName = Rooms.SetUp(Address, RoomKind.Listener, false);
        var waiting = _kit.ReadAsync(joiner);

        Assert.True(Rooms.Invalidate(new RoomTarget(host, null, null)));
        Assert.True(Rooms.Invalidate(new RoomTarget(null, byCode.Code, null)));
        Assert.True(Rooms.Invalidate(new RoomTarget(null, null, byName.RoomName)));
        Assert.False(Rooms.Invalidate(new RoomTarget(null, null, byName.RoomName)));
        Assert.False(Rooms.Invalidate(new RoomTarget("tok_0", null, null)));

        Assert.Equal(RoomNotices.Policy, await waiting);
        Assert.Equal(RoomNotices.Policy, await _kit.ReadAsync(byCode.Token!));
        Assert.Equal(ErrorCode.RoomCodeSpent, Refused(() => Rooms.RegisterAndJoin(Address, byCode.Code)));
    }

    [Fact]
    public async Task A_hub_that_drains_begins_nothing_new_and_goes_on_with_the_rest()
    {
        var (host, joiner) = await _kit.PairAsync();

        Rooms.IsDraining = true;

        Assert.All(
            new Action[]
            {
                () => Rooms.Register(Address), () => Rooms.SetUp(Address, RoomKind.Standard, false), () => Rooms.Create(Address, host, RoomKind.Standard),
                () => Rooms.Join(Address, "invite_0", host), () => Rooms.RegisterAndJoin(Address, "invite_0"), () => Rooms.SetHeadless(host, true),
            },
            action => Assert.Equal(ErrorCode.Draining, Refused(action)));
        Rooms.Send(host, "hello");
        Assert.Equal("hello", await _kit.ReadAsync(joiner));
        Rooms.IsDraining = false;
        Assert.Null(Refused(() => Rooms.Register(Address)));
    }

    [Fact]
    public async Task A_hub_that_stops_tells_who_waits_and_lets_nobody_wait()
    {
        var (host, joiner) = await _kit.PairAsync();
        var waiting = _kit.ReadAsync(host);

        Rooms.Stop();

        Assert.Equal(RoomNotices.Draining, await waiting);
        Assert.Equal(ErrorCode.Draining, await RefusedAsync(() => _kit.ReadAsync(joiner)));
    }

    [Fact]
    public void So_many_tokens_and_no_more()
    {
        var kit = new RoomServiceKit(options: new RoomOptions { MaxTokens = 3, AreRatesLimited = false });
        Assert.All(Enumerable.Range(0, 3), _ => kit.Rooms.Register(Address));

        Assert.Equal(ErrorCode.Unavailable, Refused(() => kit.Rooms.Register(Address)));
        kit.Pass(kit.Options.TokenLifetime);
        kit.Rooms.Register(Address);
    }

    private void AssertNothingIsLeft() =>
        Assert.Equal((0, 0, 0L, 0L), (Rooms.Tokens, Rooms.Count, Rooms.Meter.Bytes, Rooms.Meter.Items));
}
