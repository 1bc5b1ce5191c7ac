using Parley.Hub.Connections.Schedules;

namespace Parley.Tests.Connections;

public sealed class ScheduleTickTests
{
    private static readonly DateTimeOffset _noon = new(2030, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_tick_in_time_runs_and_the_next_follows_from_it()
    {
        var tick = ScheduleTick.Of(Hourly(MissedPolicy.Skip), _noon.AddSeconds(59));

        Assert.Equal((_noon, 0, _noon, _noon.AddHours(1)), (tick.Run, tick.Missed, tick.Last, tick.Next));
    }

    [Fact]
    public void One_run_stands_for_all_that_were_missed()
    {
        var tick = ScheduleTick.Of(Hourly(MissedPolicy.Once), _noon.AddHours(3).AddMinutes(30));

        Assert.Equal((_noon.AddHours(3), 3, _noon.AddHours(3), _noon.AddHours(4)), (tick.Run, tick.Missed, tick.Last, tick.Next));
    }

    [Fact]
    public void Missed_ticks_are_left_out()
    {
        var late = ScheduleTick.Of(Hourly(MissedPolicy.Skip), _noon.AddHours(3).AddMinutes(30));
        var justNow = ScheduleTick.Of(Hourly(MissedPolicy.Skip), _noon.AddHours(3).AddSeconds(10));

        Assert.Equal((null, _noon.AddHours(4)), (late.Run, late.Next));
        Assert.Equal((_noon.AddHours(3), 0, _noon.AddHours(4)), (justNow.Run, justNow.Missed, justNow.Next));
    }

    [Fact]
    public void Each_missed_tick_runs()
    {
        var tick = ScheduleTick.Of(Hourly(MissedPolicy.All), _noon.AddHours(3));

        Assert.Equal((_noon, 0, _noon.AddHours(1)), (tick.Run, tick.Missed, tick.Next));
    }

    [Theory]
    [InlineData(MissedPolicy.Once, true)]
    [InlineData(MissedPolicy.All, true)]
    [InlineData(MissedPolicy.Skip, false)]
    public void A_single_run_that_was_missed_is_made_up_for_unless_it_is_to_be_left_out(object missed, bool isRun)
    {
        var tick = ScheduleTick.Of(Hourly((MissedPolicy)missed) with { Kind = ScheduleKind.Once }, _noon.AddDays(3));

        Assert.Equal((isRun ? _noon : null, null), (tick.Run, tick.Next));
    }

    [Fact]
    public void Years_of_missed_minutes_are_settled_in_steps()
    {
        var schedule = Hourly(MissedPolicy.Once) with { Cron = "* * * * *" };

        var tick = ScheduleTick.Of(schedule, _noon.AddDays(365));

        Assert.Equal(100_000, tick.Missed);
        Assert.Equal(_noon.AddMinutes(100_001), tick.Next);
    }

    [Fact]
    public void A_clock_that_went_back_a_little_runs_nothing_twice_and_one_that_was_wrong_holds_nothing_up()
    {
        var schedule = Hourly(MissedPolicy.Once) with { LastAt = _noon.AddDays(100) };

        Assert.Null(ScheduleTick.AfterClockWentBack(schedule, _noon.AddDays(100).AddMinutes(-59)));
        Assert.Equal(_noon.AddHours(1), ScheduleTick.AfterClockWentBack(schedule, _noon.AddMinutes(5)));
    }

    private static Schedule Hourly(MissedPolicy missed) => new()
    {
        Id = "sched_x",
        AgentId = 1,
        Owner = "acme",
        Name = "x",
        Kind = ScheduleKind.Cron,
        Cron = "0 * * * *",
        Missed = missed,
        NextAt = _noon,
        Data = "{}"u8.ToArray(),
        CreatedBy = "test",
        CreatedAt = _noon,
    };
}
