using Parley.Hub.Rooms.Limits;
using Parley.Hub.Rooms;
using Parley.Protocol.Errors;

namespace Parley.Tests.Rooms;

public sealed class SeatTests
{
    private readonly RoomMeter _meter = new(long.MaxValue);
    private readonly Seat _seat;

    public SeatTests() => _seat = new Seat(SeatRole.Host, "Agent-aaaa", TimeSpan.Zero, _meter);

    [Fact]
    public void A_parked_waiter_gets_the_next_item()
    {
        var waiter = Park();

        _seat.PutNotice("one");

        Assert.Equal("one", RoomKit.TextOf(RoomKit.Taken(waiter)!));
    }

    [Fact]
    public void Items_come_one_a_wait_in_their_order()
    {
        Put("one", "two", "three");

        Assert.Equal(["one", "two", "three"], [Take(), Take(), Take()]);
    }

    [Fact]
    public void A_second_waiter_is_refused_and_the_first_one_still_served()
    {
        var first = Park();

        var refusal = Assert.Throws<ParleyException>(() => Park());
        _seat.PutNotice("one");

        Assert.Equal((ErrorCode.RoomWaitPending, "Wait already pending"), (refusal.Code, refusal.Message));
        Assert.Equal("one", RoomKit.TextOf(RoomKit.Taken(first)!));
    }

    [Fact]
    public void An_item_that_could_not_be_written_is_the_next_one_again()
    {
        Put("one", "two");
        var lost = RoomKit.Taken(Park())!;

        _seat.Return(lost);

        Assert.Equal(["one", "two"], [Take(), Take()]);
    }

    [Fact]
    public void While_an_item_is_on_its_way_the_next_waiter_is_parked_and_gets_it_if_it_comes_back()
    {
        Put("one", "two");
        var leased = RoomKit.Taken(Park())!;
        var next = Park();
        Assert.False(next.Ended.IsCompleted);

        _seat.Return(leased);

        Assert.Equal("one", RoomKit.TextOf(RoomKit.Taken(next)!));
    }

    [Fact]
    public void And_the_one_after_it_when_it_arrived()
    {
        Put("one", "two");
        var leased = RoomKit.Taken(Park())!;
        var next = Park();

        _seat.Confirm(leased);

        Assert.Equal("two", RoomKit.TextOf(RoomKit.Taken(next)!));
    }

    [Fact]
    public void A_waiter_that_was_taken_away_gets_nothing()
    {
        var waiter = Park();

        Assert.True(_seat.Unpark(waiter));
        _seat.PutNotice("one");

        Assert.False(waiter.Ended.IsCompleted);
        Assert.Equal("one", Take());
    }

    [Fact]
    public void A_waiter_that_was_served_cannot_be_taken_away()
    {
        var waiter = Park();
        _seat.PutNotice("one");

        Assert.False(_seat.Unpark(waiter));
    }

    [Fact]
    public void A_seat_that_was_given_up_is_read_to_its_end_and_refuses_then()
    {
        Put("one");

        _seat.Vacate();

        Assert.Equal("one", Take());
        Assert.Equal(ErrorCode.RoomNotIn, Assert.Throws<ParleyException>(() => Park()).Code);
    }

    [Fact]
    public async Task Whoever_waits_for_a_last_item_on_its_way_is_refused_when_it_arrived()
    {
        Put("one");
        var leased = RoomKit.Taken(Park())!;
        _seat.Vacate();
        var next = Park();

        _seat.Confirm(leased);

        Assert.Equal(ErrorCode.RoomNotIn, (await Assert.ThrowsAsync<ParleyException>(() => next.Ended)).Code);
    }

    [Fact]
    public void Nothing_is_counted_any_more_when_all_is_read_or_dropped()
    {
        Put("one", "two");
        var leased = RoomKit.Taken(Park())!;
        _seat.Clear();
        Assert.NotEqual(0, _meter.Bytes);

        _seat.Return(leased);

        Assert.Equal((0, 0, 0), (_meter.Bytes, _meter.Items, _meter.OpenWaits));
        Assert.Equal(0, _seat.Items);
    }

    private RoomWaiter Park()
    {
        var waiter = new RoomWaiter();
        _seat.Park(waiter, TimeSpan.Zero);
        return waiter;
    }

    private void Put(params string[] lines)
    {
        foreach (var line in lines)
        {
            _seat.PutNotice(line);
        }
    }

    private string Take()
    {
        var item = RoomKit.Taken(Park())!;
        _seat.Confirm(item);
        return RoomKit.TextOf(item);
    }
}
