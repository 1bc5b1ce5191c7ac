namespace Parley.Hub.Connections.Schedules;

/// <summary>What is to be done about a schedule that is due. Pure.</summary>
/// <param name="Run">The tick to run; null: none, it is left out.</param>
/// <param name="Missed">For how many ticks before it the run stands.</param>
/// <param name="Last">The last tick that this settles.</param>
/// <param name="Next">The tick after it; null: none.</param>
internal readonly record struct ScheduleTick(DateTimeOffset? Run, int Missed, DateTimeOffset Last, DateTimeOffset? Next)
{
    /// <summary>Ticks that are that late were missed; what is less late is only behind.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <summary>A clock that went back by more was wrong before; by less, nothing runs twice.</summary>
    public static readonly TimeSpan ClockBack = TimeSpan.FromHours(1);

    // Beyond it nobody counts; the rest is told as missed at the next look.
    private const int MaxCounted = 100_000;

    /// <summary>Looks at a schedule whose time has come.</summary>
    public static ScheduleTick Of(Schedule schedule, DateTimeOffset now)
    {
        var tick = schedule.NextAt!.Value;
        var next = schedule.After(tick);
        if (now - tick < Grace || (schedule.Missed == MissedPolicy.All && next is not null))
        {
            return new ScheduleTick(tick, 0, tick, next);
        }

        if (schedule.Missed == MissedPolicy.Skip && next is null)
        {
            return new ScheduleTick(null, 0, tick, null);
        }

        // The newest tick that is due settles all before it.
        var missed = 0;
        while (next is { } later && later <= now && missed < MaxCounted)
        {
            (tick, next) = (later, schedule.After(later));
            missed++;
        }

        return schedule.Missed == MissedPolicy.Skip && now - tick >= Grace
            ? new ScheduleTick(null, 0, tick, next)
            : new ScheduleTick(tick, schedule.Missed == MissedPolicy.Once ? missed : 0, tick, next);
    }

    /// <summary>The next tick of a schedule when the clock is found to have been far ahead; null: all is well.</summary>
    public static DateTimeOffset? AfterClockWentBack(Schedule schedule, DateTimeOffset now) =>
        schedule is { Kind: ScheduleKind.Cron, Status: ScheduleStatus.Active, LastAt: { } last } && last - now > ClockBack ? schedule.After(now) : null;
}
