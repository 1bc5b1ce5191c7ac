using Parley.Hub.Rooms.Limits;
using Parley.Hub.Rooms;
using Parley.Protocol.Errors;
using static Parley.Tests.Rooms.RoomServiceKit;

namespace Parley.Tests.Rooms;

public sealed class RoomRatesTests
{
    private readonly RoomServiceKit _kit = new(isLimited: true);

    private RoomService Rooms => _kit.Rooms;

    [Fact]
    public void Ten_registrations_an_hour_from_one_address()
    {
        Assert.All(Enumerable.Range(0, 10), _ => Rooms.Register(Address));

        var refusal = Assert.Throws<ParleyException>(() => Rooms.Register(Address));

        Assert.Equal((ErrorCode.RateLimited, "Too many registrations from this IP. Try again later."), (refusal.Code, refusal.Message));
        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Assert.Null(Refused(() => Rooms.Register("192.0.2.2")));
    }

    [Fact]
    public void Ten_rooms_an_hour_however_they_are_made()
    {
        Assert.All(Enumerable.Range(0, 8), _ => Rooms.SetUp(Address, RoomKind.Standard, false));
        Rooms.Create(Address, Rooms.Register(Address), RoomKind.Standard);
        Rooms.Create(Address, Rooms.Register(Address), RoomKind.Listener);

        Assert.Equal("Too many rooms created from this IP. Try again later.", Assert.Throws<ParleyException>(() => Rooms.SetUp(Address, RoomKind.Standard, false)).Message);
    }

    [Fact]
    public void Twenty_attempts_to_join_an_hour_and_failed_ones_count()
    {
        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal(ErrorCode.RoomCodeSpent, Refused(() => Rooms.RegisterAndJoin(Address, "invite_0"))));

        Assert.Equal(ErrorCode.RateLimited, Refused(() => Rooms.Join(Address, "invite_0", "tok_0")));
    }

    [Fact]
    public async Task Pings_beyond_600_a_minute_are_refused()
    {
        var (host, _) = await _kit.PairAsync();
        Assert.All(Enumerable.Range(0, 600), _ => Rooms.Ping(host));

        Assert.Equal(ErrorCode.RateLimited, Refused(() => Rooms.Ping(host)));
        _kit.Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Null(Refused(() => Rooms.Ping(host)));
    }

    [Fact]
    public async Task Sends_beyond_600_a_minute_are_slowed()
    {
        var (host, _) = await _kit.PairAsync();
        for (var number = 0; number < 600; number++)
        {
            Assert.True(Rooms.PaceSendAsync(host, CancellationToken.None).AsTask().IsCompletedSuccessfully);
        }

        var slowed = Rooms.PaceSendAsync(host, CancellationToken.None).AsTask();
        Assert.False(slowed.IsCompleted);
        _kit.Time.Advance(TimeSpan.FromSeconds(0.2));

        await slowed;
    }

    [Fact]
    public async Task A_flood_is_refused_without_making_it_worse()
    {
        var (host, _) = await _kit.PairAsync();
        var slowed = Enumerable.Range(0, 800).Select(_ => Rooms.PaceSendAsync(host, CancellationToken.None).AsTask()).ToList();

        Assert.Equal(ErrorCode.Unavailable, await RefusedAsync(() => Rooms.PaceSendAsync(host, CancellationToken.None).AsTask()));
        _kit.Time.Advance(TimeSpan.FromMinutes(2));

        await Task.WhenAll(slowed);
        Assert.True(Rooms.PaceSendAsync(host, CancellationToken.None).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public void The_switch_for_load_tests_lifts_them()
    {
        var kit = new RoomServiceKit(isLimited: false);

        Assert.All(Enumerable.Range(0, 200), _ => kit.Rooms.Register(Address));
    }

    [Fact]
    public void An_even_pace_gives_a_burst_and_then_one_at_a_time()
    {
        var pace = new Pace();
        var (minute, now) = (TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
        Assert.All(Enumerable.Range(0, 6), _ => Assert.Equal(TimeSpan.Zero, pace.Take(6, minute, now)));

        Assert.Equal(TimeSpan.FromSeconds(10), pace.Take(6, minute, now));
        Assert.Equal(TimeSpan.FromSeconds(10), pace.Take(6, minute, now));
        Assert.Equal(TimeSpan.Zero, pace.Take(6, minute, now + TimeSpan.FromSeconds(10)));
    }
}
